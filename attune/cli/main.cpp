// attune: the program.
#include <string>
#include <vector>

#include "attune/cli/app.h"
#include "attune/cli/context.h"

int main(int argc, char** argv) {
  attune::cli::catch_interrupts();
  return attune::cli::run(std::vector<std::string>(argv + 1, argv + argc));
}
