# rtl.mk
