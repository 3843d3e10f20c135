// Rights on the command line: whoever can write the workspace's files may do everything; what they do to keys and data is
// written down all the same.
#pragma once
#include <cstdint>
#include <string>

#include "attune/serve/access.h"

namespace attune::cli {

serve::AuditEntry command_entry(const std::string& action, const std::string& what);

}  // namespace attune::cli
