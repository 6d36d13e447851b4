@test "what goes in comes out" {
  result=$(printf '3\n1\n2\n' | sort -n | tail -n 1)
  [ "$result" -eq 3 ]
}
