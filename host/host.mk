# host.mk
