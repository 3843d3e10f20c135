// Asking over HTTP: the options all list routes share, from the query or from a JSON body, and the list as an answer.
#pragma once
#include <vector>

#include "attune/engine/engine.h"
#include "attune/serve/router.h"

namespace attune::serve {

struct Context;

// k, filter, exclude, caps, diversity, min_score, models, language, explain.
const std::vector<QueryParam>& list_params();
engine::Ask ask_of_query(const HttpRequest& request);
// The same from a body, with user, history and about.
engine::Ask ask_of_body(const HttpRequest& request, const Json& body);
struct Page {
  std::string cursor;     // of the answer before: the next page, without what stood on those before it
  double rotate = -1;     // what each showing without a take takes from an item's score; < 0 = as the service is set
};
// Computes the list, keeps it in the log of lists shown, answers as `attune recommend --json` does.
HttpResponse answer_list(const HttpRequest& request, Context& context, engine::Ask ask, const Page& page);
// The two halves of it, for APIs that answer in other words: the list as the user's experiments say, and keeping it as shown.
engine::List compute_list(Context& context, engine::Ask ask);
void keep_shown(Context& context, const engine::List& list);
HttpResponse list_response(const engine::List& list, bool explain);

}  // namespace attune::serve
