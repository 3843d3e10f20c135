// Gorse's feedback as events and back: see gorse.h.
#include <algorithm>
#include <cmath>
#include <map>

#include "attune/data/later.h"
#include "attune/serve/gorse.h"
#include "attune/serve/refusal.h"

namespace attune::serve::gorse {
namespace {

constexpr std::size_t kLongestType = 64, kLongestNote = 16384;
constexpr std::string_view kNote = "gorse:";

struct Enough {};   // stops a reading of the log

[[noreturn]] void refuse(std::string_view field, const std::string& what) {
  throw Refusal(400, "bad_field", std::string(field) + " " + what, std::string(field));
}

}  // namespace

data::Event feedback_of(const Json& json) {
  if (!json.is_object()) throw Refusal(400, "bad_json", "expected an object, not " + json.dump().substr(0, 60));
  data::Event event{.user = checked_id(member(json, "UserId"), "UserId"), .item = checked_id(member(json, "ItemId"), "ItemId"), .type = checked_id(member(json, "FeedbackType"), "FeedbackType")};
  if (event.type.size() > kLongestType) refuse("FeedbackType", "is longer than " + std::to_string(kLongestType) + " bytes");
  if (const Json* value = member(json, "Value")) {
    if (!value->is_number() || !std::isfinite(value->as_number())) refuse("Value", "must be a finite number");
    event.value = value->as_number();
  }
  event.time_ms = parse_time(text_of(json, "Timestamp"), "Timestamp");
  Json note = Json::object();
  if (const std::string comment = text_of(json, "Comment"); !comment.empty()) note["Comment"] = comment;
  if (const Json* labels = member(json, "Labels")) {
    check_labels(*labels);
    note["Labels"] = *labels;
  }
  if (note.size() > 0) event.request = std::string(kNote) + note.dump();
  if (event.request.size() > kLongestNote) refuse("Comment", "and Labels are longer than " + std::to_string(kLongestNote) + " bytes");
  return event;
}

std::vector<data::StoredEvent> feedback_rows(std::vector<data::StoredEvent> events) {
  std::map<std::pair<std::string, std::string>, std::size_t> places;   // of type and item
  std::vector<data::StoredEvent> rows;
  std::vector<bool> is_old;
  for (data::StoredEvent& stored : events) {
    const auto [place, is_first] = places.try_emplace({stored.event.type, stored.event.item}, rows.size());
    if (!is_first) {
      const data::StoredEvent& before = rows[place->second];
      if (stored.event.value || before.event.value) stored.event.value = stored.event.value.value_or(0) + before.event.value.value_or(0);
      stored.sequence = std::max(stored.sequence, before.sequence);
      is_old[place->second] = true;
      place->second = rows.size();
    }
    rows.push_back(std::move(stored));
    is_old.push_back(false);
  }
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (is_old[i]) continue;
    if (kept != i) rows[kept] = std::move(rows[i]);
    ++kept;
  }
  rows.resize(kept);
  return rows;
}

Json feedback_json(const data::Event& row) {
  Json note = Json::object();
  std::string_view request = row.request;
  if (request.starts_with(data::kLater)) request.remove_prefix(data::kLater.size());
  if (request.starts_with(kNote)) note = Json::parse(request.substr(kNote.size()), "the note of a feedback");
  Json json = Json::object();
  json["FeedbackType"] = row.type;
  json["UserId"] = row.user;
  json["ItemId"] = row.item;
  json["Value"] = row.value.value_or(0);
  json["Timestamp"] = time_text(row.time_ms);
  const Json* labels = note.find("Labels");
  json["Labels"] = labels == nullptr ? Json() : *labels;
  const Json* comment = note.find("Comment");
  json["Comment"] = comment == nullptr ? Json("") : *comment;
  json["Updated"] = time_text(row.time_ms);
  return json;
}

FeedbackPage feedback_page(const data::Store& store, data::Sequence from, std::size_t n, const std::string& type) {
  FeedbackPage page;
  std::map<std::string, std::map<data::Sequence, data::StoredEvent>> users;   // rows by the place of their newest event
  const auto row_at = [&](const data::StoredEvent& stored) -> const data::StoredEvent* {
    const auto [user, is_new] = users.try_emplace(stored.event.user);
    if (is_new)
      for (data::StoredEvent& row : feedback_rows(store.user_events(stored.event.user))) user->second.emplace(row.sequence, std::move(row));
    const auto row = user->second.find(stored.sequence);
    return row == user->second.end() ? nullptr : &row->second;
  };
  try {
    store.read_events(from, [&](const data::StoredEvent& stored) {
      if (!type.empty() && stored.event.type != type) return;
      const data::StoredEvent* row = row_at(stored);
      if (row == nullptr) return;
      if (page.rows.size() == n) throw Enough{};
      page.until = stored.sequence;
      page.rows.push_back(*row);
    });
  } catch (const Enough&) {
    page.is_last = false;
  }
  return page;
}

}  // namespace attune::serve::gorse
