// App: one command line, run.
#pragma once
#include <string>
#include <vector>

namespace attune::cli {

// `arguments` without the program's name. Prints, and returns the exit code; throws nothing.
int run(std::vector<std::string> arguments);

}  // namespace attune::cli
