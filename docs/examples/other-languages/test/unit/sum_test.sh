# Exit code 0: passed.
set -eu
[ "$((2 + 2))" -eq 4 ]
