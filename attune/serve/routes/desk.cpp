// Desk: POST /v1/desk/answer, a customer's message and the conversation so far in, the reply and the conversation out; POST /v1/desk/learn,
// what an agent answered. The desk is opened by the first question, and anew after every training.
#include <chrono>
#include <mutex>

#include "attune/core/bytes.h"
#include "attune/serve/fields.h"
#include "attune/serve/refusal.h"
#include "attune/serve/service.h"
#include "attune/talk/desk/desk.h"

namespace attune::serve {
namespace {

constexpr std::size_t kLongestMessage = 65536, kLongestBody = 256 << 10;

// Nothing is kept of a conversation here: it comes with the request and goes with the answer.
class OpenDesk {
 public:
  std::shared_ptr<talk::desk::Desk> get(const engine::Workspace& workspace) {
    const std::filesystem::path folder = workspace.folder() / "desk";
    std::error_code missing;
    const auto trained = std::filesystem::last_write_time(folder / "desk.json", missing);
    const std::lock_guard lock(mutex_);
    if (desk_ == nullptr || missing || trained != trained_) {
      desk_.reset();
      desk_ = std::make_shared<talk::desk::Desk>(talk::desk::Desk::open(folder, workspace.vectors_path(), Run{}));
      trained_ = trained;
    }
    return desk_;
  }

 private:
  std::mutex mutex_;
  std::shared_ptr<talk::desk::Desk> desk_;
  std::filesystem::file_time_type trained_;
};

HttpResponse answer(const HttpRequest& request, Context& context) {
  const Json body = body_object(request);
  only(body, {"message", "conversation"});
  const Json* given = body.find("message");
  if (given == nullptr || !given->is_string()) throw Refusal(400, "bad_field", "message is missing", "message", "what the customer wrote, as text");
  const std::string message = json_text(body, "message", "", kLongestMessage);
  talk::desk::Conversation conversation;
  if (const Json* so_far = body.find("conversation"); so_far != nullptr && !so_far->is_null()) {
    try {
      conversation = talk::desk::Conversation::from_json(*so_far);
    } catch (const Error& e) {
      throw Refusal(400, "bad_field", e.what(), "conversation", "send back what the last answer had under conversation, or leave it out");
    }
  }
  const auto today = std::chrono::year_month_day(std::chrono::floor<std::chrono::days>(std::chrono::sys_time<std::chrono::milliseconds>(std::chrono::milliseconds(context.now_ms()))));
  const auto desk = context.part<OpenDesk>().get(context.workspace);
  Json json = desk->answer(message, conversation, today, Run{.threads = 1}).to_json();
  json["conversation"] = conversation.to_json();
  return json_response(200, json);
}

HttpResponse learn(const HttpRequest& request, Context& context) {
  const Json body = body_object(request);
  only(body, {"message", "picked"});
  const std::string message = json_text(body, "message", "", kLongestMessage), picked = json_text(body, "picked", "", 512);
  if (message.empty()) throw Refusal(400, "bad_field", "message is missing", "message", "what the customer wrote");
  if (picked.empty()) throw Refusal(400, "bad_field", "picked is missing", "picked", "the name of the template, question or intent that an agent answered with");
  context.part<OpenDesk>().get(context.workspace)->learn({message, picked}, Run{.threads = 1});
  Json json = Json::object();
  json["learned"] = picked;
  return json_response(200, json);
}

}  // namespace

void add_desk(Router& router, Context& context) {
  context.add<OpenDesk>();
  router.add({.method = "POST", .pattern = "/v1/desk/answer", .need = Role::read, .handler = answer, .body_bytes = kLongestBody,
              .summary = "A customer's message answered from templates, questions and documents, or handed over; the conversation goes in and comes out",
              .body_schema = "DeskMessage", .answer_schema = "DeskReply"});
  router.add({.method = "POST", .pattern = "/v1/desk/learn", .need = Role::write, .handler = learn, .body_bytes = kLongestBody,
              .summary = "What an agent answered to a message: in the next answer, and kept", .body_schema = "DeskPick", .answer_schema = "DeskLearned"});
}

}  // namespace attune::serve
