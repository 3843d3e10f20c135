// Receipts of erasures as JSON, and other small things that several routes show alike.
#pragma once
#include "attune/core/json.h"
#include "attune/data/store.h"

namespace attune::serve {

inline Json receipt_json(const data::Receipt& receipt) {
  Json json = Json::object();
  json["receipt"] = receipt.id;
  json["kind"] = receipt.kind == data::Kind::item ? "item" : "user";
  json["name_hash"] = receipt.name_hash;
  json["events"] = receipt.events;
  json["exposures"] = receipt.exposures;
  json["records"] = receipt.records;
  json["rejections"] = receipt.rejections;
  json["time_ms"] = receipt.time_ms;
  json["sequence"] = receipt.sequence;
  return json;
}

}  // namespace attune::serve
