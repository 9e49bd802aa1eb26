# tests/cc: C as a picture against the same C natively.
CC_TRANSLATOR_SUITES = cc-same tests/cc/same.sh cc-translator tests/cc/translator.sh cc-far tests/cc/far.sh
test-programs: cc-runtime
