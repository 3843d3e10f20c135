// XML text: what means something in XML and HTML written out.
#pragma once
#include <string>
#include <string_view>

namespace attune::eval {

// Bytes that no XML may hold become spaces.
std::string xml_text(std::string_view text);

}  // namespace attune::eval
