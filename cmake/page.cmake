# The page of `attune serve` (web/): built with Vite, packed, and compiled into the program as attune/serve/page_files.h says.
# Without node or its packages the program is built without it and says at / how to get it.
option(ATTUNE_PAGE "Build the page (web/) into the program" ON)
file(SHA256 ${CMAKE_SOURCE_DIR}/scripts/node.pin pin)
string(SUBSTRING ${pin} 0 12 pin)
set(node ${ATTUNE_HOME}/node-${pin}/bin/node)
set(vite ${CMAKE_SOURCE_DIR}/web/node_modules/vite/bin/vite.js)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS scripts/node.pin web/package-lock.json)
set(page_files ${CMAKE_BINARY_DIR}/page/page_files.cpp)
set(embed ${CMAKE_SOURCE_DIR}/cmake/embed_page.py)
if(ATTUNE_PAGE AND NOT (EXISTS ${node} AND EXISTS ${vite}))
  message(STATUS "The page is left out: node or its packages are missing. Run scripts/setup, then configure again")
  set(page_found OFF)
else()
  set(page_found ${ATTUNE_PAGE})
endif()
if(page_found)
  file(GLOB_RECURSE page_sources CONFIGURE_DEPENDS web/src/* web/public/*)
  list(APPEND page_sources web/index.html web/package-lock.json web/vite.config.ts web/svelte.config.js web/tsconfig.json)
  add_custom_command(OUTPUT ${page_files} WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/web DEPENDS ${page_sources} ${embed} COMMENT "Building the page"
                     COMMAND ${node} ${vite} build --logLevel warn --emptyOutDir --outDir ${CMAKE_BINARY_DIR}/page/dist
                     COMMAND ${Python3_EXECUTABLE} ${embed} ${page_files} ${CMAKE_BINARY_DIR}/page/dist)
else()
  add_custom_command(OUTPUT ${page_files} DEPENDS ${embed} COMMENT "No page" COMMAND ${Python3_EXECUTABLE} ${embed} ${page_files})
endif()

# Its tests: types of all of it, and how it works in a browser against the program.
function(attune_page_tests)
  if(NOT page_found)
    message(WARNING "Built without the page: its tests are left out. Run scripts/setup, then configure again")
    return()
  endif()
  add_test(NAME page_types WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}/web COMMAND ${node} node_modules/svelte-check/bin/svelte-check --fail-on-warnings --output human)
endfunction()
