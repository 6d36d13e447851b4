// Where the sanitizers write what they find: to files below the build tree, not to a standard error
// that a process test reads, a keeper has closed, or nobody sees. Compiled into every program of a
// build with SPECGUARD_SANITIZE. That the environment says the same would not do: tests are run
// with cleared ones.
extern "C" {

[[gnu::visibility("default")]] const char* __asan_default_options() {
  return "log_path=" SPECGUARD_SANITIZER_REPORTS "/report";
}
[[gnu::visibility("default")]] const char* __ubsan_default_options() {
  return "print_stacktrace=1:log_path=" SPECGUARD_SANITIZER_REPORTS "/report";
}
[[gnu::visibility("default")]] const char* __tsan_default_options() {
  return "log_path=" SPECGUARD_SANITIZER_REPORTS "/report";
}
}
