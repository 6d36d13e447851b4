# The files are made here, by a shell: file() would make a backslash a slash, and a list cannot hold every name.
function(each_name verb)
  foreach(name "a b" "q\"q" "q'q" "\$VAR" "\${x}" "]==]" "back\\slash" "hash#" "at@x@" "umläut ✓" "-dash" "[bracket"
      "semi;colon")
    cmake_language(CALL ${verb} "${name}")
  endforeach()
endfunction()

set(directory "${SOURCE}/te st;x/unit")
function(write_spec name)
  execute_process(COMMAND sh -c [[mkdir -p "$1" && printf 'describe "x":\n    it "y":\n        expect(1).to_equal(1)\n' >"$2"]]
    sh "${directory}" "${directory}/${name}_spec.spl" COMMAND_ERROR_IS_FATAL ANY)
endfunction()
function(expect_spec name)
  json_test(test "-p unit/${name}_spec.spl")
  string(JSON last LENGTH "${test}" command)
  math(EXPR last "${last} - 1")
  string(JSON file GET "${test}" command ${last})
  expect_equal("the file of ${name}" "${file}" "${directory}/${name}_spec.spl")
endfunction()

each_name(write_spec)
configure_well()
ctest()
expect_result(0)
expect_output("100% tests passed, 0 tests failed out of 13")
read_json()
each_name(expect_spec)
