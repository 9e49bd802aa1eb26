# tests/cc: C as a picture against the same C natively.
CC_TRANSLATOR_SUITES = cc-same tests/cc/same.sh
test-programs: cc-runtime
