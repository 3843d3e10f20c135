// Page files: the built page (web/) as it lies in the program; cmake/embed_page.py writes the table.
#pragma once
#include <span>
#include <string_view>

namespace attune::serve {

struct PageFile {
  std::string_view path;                 // "index.html", "assets/index-4f2a.js": names in assets/ change with their content
  std::string_view type;                 // Content-Type
  std::span<const unsigned char> gzip;   // the file, packed
};

// By path; empty: built without the page.
std::span<const PageFile> page_files();

}  // namespace attune::serve
