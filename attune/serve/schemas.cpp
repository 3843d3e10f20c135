// Schemas of what goes in and comes out. A route names one; a new one is a member here.
#include "attune/serve/openapi.h"

namespace attune::serve {
namespace {

constexpr const char* kSchemas = R"json({
  "Error": {"type": "object", "required": ["error"], "properties": {"error": {"type": "object", "required": ["code", "message", "field", "fix", "request"], "additionalProperties": false, "properties": {
    "code": {"type": "string", "description": "stable; compare this"}, "message": {"type": "string"}, "field": {"type": "string", "description": "what was wrong, if it was one field"},
    "fix": {"type": "string", "description": "what to do"}, "request": {"type": "string", "description": "id of the request, as in the log"}}}}},
  "Alive": {"type": "object", "required": ["status"], "additionalProperties": false, "properties": {"status": {"const": "alive"}}},
  "Health": {"type": "object", "required": ["status", "snapshot", "checks"], "properties": {
    "status": {"enum": ["ready", "draining", "unavailable"]}, "snapshot": {"type": "string"}, "events": {"type": "integer"}, "users": {"type": "integer"},
    "items": {"type": "integer"}, "sequence": {"type": "integer"}, "checks": {"type": "object", "additionalProperties": {"type": "string"}}}},
  "Event": {"type": "object", "required": ["user", "item"], "additionalProperties": false, "properties": {
    "user": {"type": "string", "minLength": 1, "maxLength": 512}, "item": {"type": "string", "minLength": 1, "maxLength": 512},
    "type": {"type": ["string", "null"], "minLength": 1, "maxLength": 64, "description": "purchase, view, ...: see [events.NAME] of the settings"},
    "value": {"type": ["number", "null"]}, "time": {"type": ["string", "number", "null"], "description": "ISO 8601, or seconds or milliseconds since 1970; now if left out"},
    "session": {"type": ["string", "null"], "maxLength": 512}, "request": {"type": ["string", "null"], "maxLength": 512, "description": "request id of the list it answers"}},
    "examples": [{"user": "ana", "item": "mug-7", "type": "purchase"}]},
  "Events": {"oneOf": [{"$ref": "#/components/schemas/Event"}, {"type": "array", "minItems": 1, "items": {"$ref": "#/components/schemas/Event"}}]},
  "Taken": {"type": "object", "required": ["sequence", "accepted", "repeated", "rejected"], "additionalProperties": false, "properties": {
    "sequence": {"type": "integer", "description": "place of the last event in the log"}, "accepted": {"type": "integer"}, "repeated": {"type": "integer", "description": "events the log had already"},
    "rejected": {"type": "array", "items": {"type": "object", "required": ["line", "reason"], "properties": {"line": {"type": "integer"}, "reason": {"type": "string"}}}},
    "rejected_count": {"type": "integer", "description": "when there are more than are told"}}},
  "ItemBody": {"type": "object", "additionalProperties": false, "properties": {"text": {"type": ["string", "null"], "description": "what is read: title, description"},
    "attributes": {"type": ["object", "null"]}, "created_ms": {"type": ["integer", "null"], "minimum": 0, "maximum": 4102444800000}, "hidden": {"type": ["boolean", "null"], "description": "never recommended"}},
    "examples": [{"text": "blue mug, 300 ml", "attributes": {"price": 3.5, "category": ["kitchen"]}}]},
  "Item": {"type": "object", "required": ["item", "text", "attributes", "created_ms", "hidden"], "additionalProperties": false, "properties": {
    "item": {"type": "string"}, "text": {"type": "string"}, "attributes": {"type": "object"}, "created_ms": {"type": ["integer", "null"]}, "hidden": {"type": "boolean"}, "takers": {"type": "integer", "description": "users who took it, as of the last fit"}}},
  "Items": {"type": "object", "required": ["items", "total", "cursor"], "properties": {"items": {"type": "array", "items": {"$ref": "#/components/schemas/Item"}},
    "total": {"type": "integer"}, "cursor": {"type": ["string", "null"]}}},
  "Users": {"type": "object", "required": ["users", "total", "cursor"], "properties": {"users": {"type": "array", "items": {"type": "string"}}, "total": {"type": "integer"}, "cursor": {"type": ["string", "null"]}}},
  "Names": {"type": "object", "required": ["users", "items"], "properties": {"users": {"type": "array", "items": {"type": "string"}}, "items": {"type": "array", "items": {
    "type": "object", "required": ["item", "text"], "properties": {"item": {"type": "string"}, "text": {"type": "string"}}}}}},
  "UserBody": {"type": "object", "additionalProperties": false, "properties": {"text": {"type": ["string", "null"]}, "attributes": {"type": ["object", "null"]},
    "created_ms": {"type": ["integer", "null"], "minimum": 0, "maximum": 4102444800000}}},
  "UserRecord": {"type": "object", "required": ["user", "text", "attributes", "created_ms"], "properties": {
    "user": {"type": "string"}, "text": {"type": "string"}, "attributes": {"type": "object"}, "created_ms": {"type": ["integer", "null"]}}},
  "User": {"type": "object", "required": ["user", "known", "text", "attributes", "created_ms", "events", "first_ms", "last_ms"], "properties": {
    "user": {"type": "string"}, "known": {"type": "boolean"}, "text": {"type": "string"}, "attributes": {"type": "object"}, "created_ms": {"type": ["integer", "null"]},
    "events": {"type": "integer"}, "first_ms": {"type": ["integer", "null"]}, "last_ms": {"type": ["integer", "null"]}}},
  "UserEvents": {"type": "object", "required": ["user", "total", "events"], "properties": {"user": {"type": "string"}, "total": {"type": "integer"}, "events": {"type": "array", "items": {
    "type": "object", "required": ["sequence", "item", "text", "type", "value", "time_ms", "session", "request"], "properties": {"sequence": {"type": "integer"}, "item": {"type": "string"},
    "text": {"type": "string"}, "type": {"type": "string"}, "value": {"type": ["number", "null"]}, "time_ms": {"type": "integer"}, "session": {"type": "string"}, "request": {"type": "string"}}}}}},
  "Receipt": {"type": "object", "required": ["receipt", "kind", "name_hash", "events", "exposures", "records", "time_ms", "sequence"], "properties": {
    "receipt": {"type": "string"}, "kind": {"enum": ["item", "user"]}, "name_hash": {"type": "string"}, "events": {"type": "integer"}, "exposures": {"type": "integer"},
    "records": {"type": "integer"}, "rejections": {"type": "integer"}, "time_ms": {"type": "integer"}, "sequence": {"type": "integer"}}},
  "Note": {"type": "object", "required": ["stage", "reason", "effect"], "additionalProperties": false, "properties": {"stage": {"type": "string"}, "reason": {"type": "string"}, "effect": {"type": "number"}}},
  "Part": {"type": "object", "required": ["what", "value"], "additionalProperties": false, "properties": {"what": {"type": "string"}, "value": {"type": "number"},
    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}}}},
  "List": {"type": "object", "required": ["user", "request", "snapshot", "items"], "properties": {
    "user": {"type": "string"}, "request": {"type": "string", "description": "name it in the events that answer this list"}, "snapshot": {"type": "string"},
    "items": {"type": "array", "items": {"type": "object", "required": ["item", "text", "score", "because", "notes"], "properties": {
      "item": {"type": "string"}, "text": {"type": "string"}, "score": {"type": "number"}, "because": {"type": "string"},
      "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}, "description": "they add up to the score"}, "notes": {"type": "array", "items": {"$ref": "#/components/schemas/Note"}}}}},
    "notes": {"type": "array", "items": {"$ref": "#/components/schemas/Note"}}, "cursor": {"type": ["string", "null"], "description": "for the next page without repeats; null: this was the last"}}},
  "Ask": {"type": "object", "additionalProperties": false, "properties": {
    "user": {"type": ["string", "null"], "maxLength": 512}, "history": {"type": ["array", "null"], "items": {"type": "string"}, "description": "items taken, oldest first; after the user's own"},
    "about": {"type": ["string", "null"], "maxLength": 4096, "description": "free text: what is wanted"}, "k": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000},
    "filter": {"type": ["string", "null"], "maxLength": 4096}, "exclude": {"type": ["array", "null"], "items": {"type": "string"}}, "caps": {"type": ["string", "null"]},
    "diversity": {"type": ["number", "null"], "minimum": 0, "maximum": 1}, "min_score": {"type": ["number", "null"]}, "models": {"type": ["array", "null"], "items": {"type": "string"}},
    "language": {"enum": ["en", "zh", null]}, "weights": {"type": ["object", "null"], "additionalProperties": {"type": "number", "minimum": 0, "maximum": 100},
      "description": "by model: times the weight it learned; 0 = off, 1 or left out = as learned"}, "explain": {"type": ["boolean", "null"]}, "rotate": {"type": ["number", "null"], "minimum": 0, "maximum": 10}, "cursor": {"type": ["string", "null"]}},
    "examples": [{"about": "lights for a garden party", "k": 5}]},
  "AskWhy": {"type": "object", "required": ["item"], "properties": {"item": {"type": "string", "minLength": 1}, "user": {"type": ["string", "null"]},
    "history": {"type": ["array", "null"], "items": {"type": "string"}}, "about": {"type": ["string", "null"]}, "k": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000},
    "filter": {"type": ["string", "null"]}}},
  "Why": {"type": "object", "required": ["user", "item", "text", "snapshot", "in_list", "place", "sentence", "score", "score_to_enter", "parts", "notes", "would_change", "is_exact"], "properties": {
    "user": {"type": "string"}, "item": {"type": "string"}, "text": {"type": "string"}, "snapshot": {"type": "string"}, "in_list": {"type": "boolean"}, "place": {"type": ["integer", "null"]},
    "barred": {"$ref": "#/components/schemas/Note"}, "sentence": {"type": "string"}, "score": {"type": ["number", "null"]}, "score_to_enter": {"type": ["number", "null"]},
    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}}, "notes": {"type": "array", "items": {"$ref": "#/components/schemas/Note"}},
    "would_change": {"type": "array", "items": {"type": "string"}}, "is_exact": {"type": "boolean"}}},
  "ChatBody": {"type": "object", "required": ["message"], "additionalProperties": false, "properties": {"message": {"type": "string", "maxLength": 65536, "description": "what the person says; English, Chinese, or both"},
    "user": {"type": ["string", "null"], "maxLength": 512}, "dialogue": {"type": ["object", "null"], "description": "of the reply before; left out: a new conversation"}, "language": {"enum": ["en", "zh", null]},
    "k": {"type": ["integer", "null"], "minimum": 1, "maximum": 50}, "learn": {"type": ["boolean", "null"], "description": "likes and dislikes of the user become events; true if left out"},
    "remember": {"type": ["boolean", "null"], "description": "true: the user agrees that the dialogue is kept with them; false: what was kept is dropped"}},
    "examples": [{"message": "a lantern for the garden, under 10"}]},
  "ChatReply": {"type": "object", "required": ["say", "items", "act", "reading", "dialogue"], "properties": {"say": {"type": "string"},
    "items": {"type": "array", "items": {"type": "object", "required": ["item", "text", "because", "attributes"], "properties": {"item": {"type": "string"}, "text": {"type": "string"}, "because": {"type": "string"}, "attributes": {"type": "object"}}}},
    "act": {"enum": ["recommend", "nothing_fits", "compare", "explain", "why_not", "answer", "noted", "undo", "reset", "greet", "thanks", "bye", "help", "service", "handover", "refuse", "unclear"]},
    "sources": {"type": "array", "description": "what an answer of the service desk was taken from", "items": {"type": "object", "required": ["kind", "name", "text"], "properties": {"kind": {"enum": ["faq", "passage"]}, "name": {"type": "string"}, "text": {"type": "string"}}}},
    "reading": {"type": "object", "description": "what the message was read as"}, "dialogue": {"type": "object", "description": "send it back with the next message"}}},
  "JobBody": {"type": "object", "additionalProperties": false, "properties": {"kind": {"enum": ["fit", "backup", null]}, "keep": {"type": ["integer", "null"], "minimum": 1, "maximum": 1000, "description": "of a backup: how many are kept; 7"}, "models": {"type": ["array", "null"], "items": {"type": "string"}},
    "set": {"type": ["array", "null"], "items": {"type": "string"}, "description": "section.key=value over the settings"}, "evaluate": {"type": ["boolean", "null"]}}},
  "Job": {"type": "object", "required": ["job", "kind", "why", "state", "asked_ms", "began_ms", "ended_ms", "progress", "snapshot", "message", "notes"], "properties": {
    "job": {"type": "string"}, "kind": {"type": "string"}, "why": {"type": "string"}, "state": {"enum": ["waiting", "running", "done", "failed", "cancelled"]},
    "asked_ms": {"type": ["integer", "null"]}, "began_ms": {"type": ["integer", "null"]}, "ended_ms": {"type": ["integer", "null"]},
    "progress": {"type": "object", "required": ["doing", "done", "total"], "properties": {"doing": {"type": "string"}, "done": {"type": "integer"}, "total": {"type": "integer"}}},
    "snapshot": {"type": "string"}, "message": {"type": "string"}, "notes": {"type": "array", "items": {"type": "string"}}}},
  "Jobs": {"type": "object", "required": ["jobs", "events_since_fit", "refit"], "properties": {"jobs": {"type": "array", "items": {"$ref": "#/components/schemas/Job"}},
    "events_since_fit": {"type": "integer"}, "refit": {"type": "object"}}},
  "SnapshotLine": {"type": "object", "required": ["snapshot", "in_service", "pinned", "state", "until", "items", "models"], "properties": {"snapshot": {"type": "string"}, "in_service": {"type": "boolean"},
    "pinned": {"type": "boolean"}, "state": {"enum": ["sealed", "damaged"]}, "until": {"type": ["integer", "null"]}, "items": {"type": ["integer", "null"]}, "models": {"type": "array", "items": {"type": "string"}}}},
  "Snapshots": {"type": "object", "required": ["in_service", "pinned", "snapshots"], "properties": {"in_service": {"type": "string"}, "pinned": {"type": "string"},
    "snapshots": {"type": "array", "items": {"$ref": "#/components/schemas/SnapshotLine"}}}},
  "Snapshot": {"type": "object", "required": ["snapshot", "in_service", "record", "weights"], "properties": {"snapshot": {"type": "string"}, "in_service": {"type": "boolean"}, "record": {"type": "object"}}},
  "InService": {"type": "object", "required": ["in_service", "pinned"], "additionalProperties": false, "properties": {"in_service": {"type": "string"}, "pinned": {"type": "string"}}},
  "Exposure": {"type": "object", "required": ["request", "user", "snapshot", "time_ms", "note", "items", "rating"], "properties": {"request": {"type": "string"}, "user": {"type": "string"}, "snapshot": {"type": "string"},
    "time_ms": {"type": "integer"}, "note": {"type": "string"}, "items": {"type": "array", "items": {"type": "object", "required": ["item", "score", "propensity", "taken"], "properties": {
      "item": {"type": "string"}, "score": {"type": "number"}, "propensity": {"type": "number"}, "taken": {"type": "array", "items": {"type": "object", "required": ["type", "time_ms"]}}}}},
    "rating": {"oneOf": [{"$ref": "#/components/schemas/Rating"}, {"type": "null"}]}}},
  "RatingBody": {"type": "object", "required": ["value"], "additionalProperties": false, "properties": {"value": {"type": "number", "minimum": 0, "maximum": 1, "description": "0 = useless .. 1 = just right"},
    "comment": {"type": ["string", "null"], "maxLength": 2000}}},
  "Rating": {"type": "object", "required": ["request", "value", "comment", "time_ms"], "properties": {"request": {"type": "string"}, "value": {"type": "number"}, "comment": {"type": "string"}, "time_ms": {"type": "integer"}}},
  "Ratings": {"type": "object", "required": ["count", "mean", "ratings"], "properties": {"count": {"type": "integer"}, "mean": {"type": ["number", "null"]}, "ratings": {"type": "array", "items": {"$ref": "#/components/schemas/Rating"}}}},
  "Experiment": {"type": "object", "required": ["arms"], "properties": {"name": {"type": "string"}, "arms": {"type": "array", "minItems": 2, "items": {"type": "object", "required": ["name"], "properties": {
    "name": {"type": "string"}, "share": {"type": "number"}, "ask": {"type": "object"}}}}, "status": {"enum": ["planned", "running", "over"]}, "outcome": {"type": "object"}}},
  "Experiments": {"type": "object", "required": ["experiments"], "properties": {"experiments": {"type": "array", "items": {"$ref": "#/components/schemas/Experiment"}}}},
  "Arm": {"type": "object", "required": ["user", "arm"], "properties": {"user": {"type": "string"}, "arm": {"type": ["string", "null"]}}},
  "OffPolicy": {"type": "object"},
  "Metrics": {"type": "string", "description": "Prometheus text format 0.0.4"},
  "Series": {"type": "object", "required": ["step_s", "from_ms", "requests", "refused", "errors", "events", "lists", "p50_ms", "p99_ms"], "properties": {"step_s": {"type": "integer"}, "from_ms": {"type": "integer"},
    "requests": {"type": "array", "items": {"type": "integer"}}, "refused": {"type": "array", "items": {"type": "integer"}}, "errors": {"type": "array", "items": {"type": "integer"}}, "events": {"type": "array", "items": {"type": "integer"}}, "lists": {"type": "array", "items": {"type": "integer"}}, "p50_ms": {"type": "array", "items": {"type": ["number", "null"]}}, "p99_ms": {"type": "array", "items": {"type": ["number", "null"]}}}},
  "Doctor": {"type": "object", "required": ["checked_ms", "is_deep", "store", "snapshot", "events_since_fit", "problems", "rejections", "rejected_rows", "memory", "memory_budget_bytes", "machine"], "properties": {
    "checked_ms": {"type": "integer"}, "is_deep": {"type": "boolean"}, "store": {"type": "object"}, "snapshot": {"type": "string"}, "snapshots_bytes": {"type": "integer"}, "events_since_fit": {"type": "integer"},
    "disk_free_bytes": {"type": ["integer", "null"]}, "problems": {"type": "array", "items": {"type": "object", "required": ["severity", "code", "what", "count"], "properties": {
      "severity": {"enum": ["bad", "warm", "note"]}, "code": {"type": "string", "description": "stable"}, "what": {"type": "string"}, "count": {"type": "integer"}}}},
    "rejections": {"type": "array", "items": {"type": "object", "required": ["reason", "rows"]}}, "rejected_rows": {"type": "array", "items": {"type": "object", "required": ["file", "line", "reason", "text"]}},
    "memory": {"type": "array", "items": {"type": "object", "required": ["what", "bytes", "how"]}}, "memory_budget_bytes": {"type": "integer"}, "machine": {"type": "object"}}},
  "Settings": {"type": "object", "required": ["settings", "events", "file"], "properties": {"settings": {"type": "array", "items": {"type": "object", "required": ["name", "type", "help", "standard", "value"]}},
    "events": {"type": "array", "items": {"type": "object", "required": ["type", "weight", "half_life_days", "hides", "use_value"]}}, "file": {"type": "string"}}},
  "Plugins": {"type": "object", "required": ["plugins"], "properties": {"plugins": {"type": "array", "items": {"type": "object", "required": ["kind", "name", "about", "source"]}}}},
  "Map": {"type": "object", "required": ["state", "snapshot", "x", "y", "takers", "regions"], "properties": {"state": {"enum": ["ready", "making", "no_vectors", "failed"]}, "snapshot": {"type": "string"}, "problem": {"type": "string"},
    "x": {"type": "array", "items": {"type": "integer"}, "description": "0..10000, one an item in the order of the snapshot; -1: the item was erased"}, "y": {"type": "array", "items": {"type": "integer"}},
    "takers": {"type": "array", "items": {"type": "integer"}}, "regions": {"type": "array", "items": {"type": "object", "required": ["label", "x", "y", "count"]}}}},
  "MapItems": {"type": "object", "required": ["items"], "properties": {"items": {"type": "array", "items": {"type": "object", "required": ["at", "item", "text", "takers"]}}}},
  "Studies": {"type": "object", "required": ["studies"], "properties": {"studies": {"type": "array", "items": {"type": "object", "required": ["study", "model", "trials"], "properties": {"trials": {"type": "array", "items": {
    "type": "object", "required": ["number", "time_ms", "settings", "share", "figure", "fit_seconds", "eval_seconds", "peak_rss_bytes", "failure", "stopped"]}}}}}}},
  "LoginBody": {"type": "object", "required": ["name", "password"], "additionalProperties": false, "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 64},
    "password": {"type": "string", "minLength": 1, "maxLength": 1024}}},
  "Session": {"type": "object", "required": ["name", "role", "by"], "additionalProperties": false, "properties": {"name": {"type": "string"}, "role": {"enum": ["none", "read", "write", "admin"]},
    "by": {"enum": ["session", "key", "open door", "nobody"]}, "csrf": {"type": "string", "description": "send it as X-CSRF-Token with every request by cookie that is not a GET"}, "ends_ms": {"type": "integer"}}},
  "Done": {"type": "object"},
  "TakenBack": {"type": "object", "required": ["user", "item", "taken_back"], "additionalProperties": false, "properties": {"user": {"type": "string"}, "item": {"type": "string"}, "taken_back": {"type": "integer", "description": "events"}}},
  "Key": {"type": "object", "required": ["name", "kind", "role", "rate", "begins", "made_ms", "revoked_ms"], "additionalProperties": false, "properties": {"name": {"type": "string"}, "kind": {"enum": ["key", "login"]},
    "role": {"enum": ["read", "write", "admin"]}, "rate": {"type": ["string", "null"]}, "begins": {"type": "string"}, "made_ms": {"type": "integer"}, "revoked_ms": {"type": ["integer", "null"]}}},
  "Keys": {"type": "object", "required": ["keys"], "properties": {"keys": {"type": "array", "items": {"$ref": "#/components/schemas/Key"}}}},
  "KeyBody": {"type": "object", "required": ["name", "role"], "additionalProperties": false, "properties": {"name": {"type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[A-Za-z0-9_.@-]+$"},
    "role": {"enum": ["read", "write", "admin"]}, "rate": {"type": ["string", "null"], "pattern": "^[1-9][0-9]{0,5}/(s|min|h)$", "description": "100/s, 6000/min, 50/h"}}},
  "NewKey": {"type": "object", "required": ["name", "key"], "additionalProperties": false, "properties": {"name": {"type": "string"}, "key": {"type": "string", "description": "told this once"}}},
  "Revoked": {"type": "object", "required": ["revoked"], "properties": {"revoked": {"type": "string"}}},
  "Audit": {"type": "object", "required": ["entries", "before"], "properties": {"before": {"type": ["integer", "null"], "description": "for the next page"}, "entries": {"type": "array", "items": {"type": "object",
    "required": ["number", "time_ms", "who", "from", "action", "what", "request", "status"], "additionalProperties": false, "properties": {"number": {"type": "integer"}, "time_ms": {"type": "integer"}, "who": {"type": "string"},
    "from": {"type": "string"}, "action": {"type": "string"}, "what": {"type": "string"}, "request": {"type": "string"}, "status": {"type": "integer"}}}}}},
  "DeskMessage": {"type": "object", "required": ["message"], "additionalProperties": false, "properties": {"message": {"type": "string", "maxLength": 65536}, "conversation": {"type": ["object", "null"], "description": "as the last answer had it; left out = a new one"}},
    "examples": [{"message": "where is my order 48213?"}]},
  "DeskReply": {"type": "object", "required": ["answer", "template", "intent", "confidence", "handover", "sources", "suggestions", "conversation"], "additionalProperties": false, "properties": {
    "answer": {"type": "string"}, "template": {"type": ["string", "null"]}, "intent": {"type": ["string", "null"]}, "confidence": {"type": "number"}, "handover": {"type": "boolean", "description": "a person is to take over"},
    "asked": {"type": "string", "description": "the slot that was asked for"}, "summary": {"type": "string", "description": "for the person who takes over"},
    "sources": {"type": "array", "items": {"type": "object", "required": ["kind", "name", "text"], "properties": {"kind": {"enum": ["faq", "passage"]}, "name": {"type": "string"}, "text": {"type": "string"}}}},
    "suggestions": {"type": "array", "items": {"type": "string"}, "description": "templates an agent may want"}, "conversation": {"type": "object"}}},
  "DeskPick": {"type": "object", "required": ["message", "picked"], "additionalProperties": false, "properties": {"message": {"type": "string", "minLength": 1}, "picked": {"type": "string", "minLength": 1, "maxLength": 512, "description": "name of the template, question or intent"}}},
  "DeskLearned": {"type": "object", "required": ["learned"], "additionalProperties": false, "properties": {"learned": {"type": "string"}}},
  "Document": {"type": "object", "required": ["openapi", "info", "paths"]}
})json";

}  // namespace

const Json& schemas() {
  static const Json all = Json::parse(kSchemas, "the schemas");
  return all;
}

}  // namespace attune::serve
