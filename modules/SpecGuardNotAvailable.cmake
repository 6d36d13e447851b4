# The command of the failing test that stands for specs which cannot be discovered: cmake -DSPECGUARD_REASON=... -P.
message(FATAL_ERROR "${SPECGUARD_REASON}")
