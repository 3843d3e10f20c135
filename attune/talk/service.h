// Service: what a conversation hands to the desk of the workspace (desk/desk.h): "where is my order?", 退货.
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "attune/core/json.h"
#include "attune/talk/desk/desk.h"

namespace attune::talk {

// Safe from any thread. The desk is opened by the first question, and anew after a training or a pick.
class Service {
 public:
  // `folder` is the workspace's desk/, `vectors` the cache of encoders' vectors.
  Service(std::filesystem::path folder, std::filesystem::path vectors);
  ~Service();
  // nullopt: no desk was trained here. `conversation` is that of the desk (null = a new one); it is changed in place, and null
  // again when the desk waits for no answer. Any bytes are allowed as a message. Throws Error when the desk's files are damaged.
  std::optional<desk::DeskReply> answer(const std::string& message, Json& conversation, std::int64_t now_ms) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace attune::talk
