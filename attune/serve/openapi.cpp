// OpenAPI: see the header.
#include "attune/serve/openapi.h"

#include "attune/core/error.h"

namespace attune::serve {
namespace {

Json reference(const std::string& schema) {
  Json json = Json::object();
  json["$ref"] = "#/components/schemas/" + schema;
  return json;
}

Json content(const std::string& type, Json schema) {
  Json json = Json::object();
  json[type]["schema"] = std::move(schema);
  return json;
}

Json path_param(const std::string& name) {
  Json json = Json::object();
  json["name"] = name;
  json["in"] = "path";
  json["required"] = true;
  json["schema"]["type"] = "string";
  json["schema"]["minLength"] = 1;
  return json;
}

Json query_param(const QueryParam& param) {
  Json json = Json::object();
  json["name"] = param.name;
  json["in"] = "query";
  json["required"] = param.required;
  json["description"] = param.help;
  json["schema"]["type"] = param.type;
  return json;
}

Json answer(const std::string& words, const std::string& schema) {
  Json json = Json::object();
  json["description"] = words;
  if (!schema.empty()) json["content"] = content(schema == "Metrics" ? "text/plain" : "application/json", reference(schema));
  return json;
}

// "get /v1/users/{user}/recommendations" -> "get_users_user_recommendations"
std::string operation_id(const Route& route) {
  std::string id;
  for (const char c : route.method) id += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  std::string path = route.pattern.starts_with("/v1") ? route.pattern.substr(3) : route.pattern;
  for (const char c : path) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0) id += c;
    else if (id.back() != '_') id += '_';
  }
  while (id.back() == '_') id.pop_back();
  return id;
}

std::string tag_of(const Route& route) {
  const std::string path = route.pattern.starts_with("/v1/") ? route.pattern.substr(4) : route.pattern.substr(1);
  return path.substr(0, path.find('/'));
}

Json operation(const Route& route) {
  Json json = Json::object();
  json["operationId"] = operation_id(route);
  json["summary"] = route.summary;
  json["description"] = route.need == Role::none ? "Open to everybody." : "Needs the role " + std::string(name(route.need)) + ".";
  json["tags"].push_back(tag_of(route));
  Json params = Json::array();
  for (std::size_t at = route.pattern.find('{'); at != std::string::npos; at = route.pattern.find('{', at + 1))
    params.push_back(path_param(route.pattern.substr(at + 1, route.pattern.find('}', at) - at - 1)));
  for (const QueryParam& param : route.query) params.push_back(query_param(param));
  if (params.size() > 0) json["parameters"] = std::move(params);
  if (!route.body_schema.empty()) {
    if (schemas().find(route.body_schema) == nullptr) throw Error(Code::internal, route.pattern + " names the schema " + route.body_schema + ", which is not there");
    json["requestBody"]["required"] = route.body_required;
    json["requestBody"]["content"] = content("application/json", reference(route.body_schema));
    if (route.body_schema == "Events") {
      Json lines = Json::object();
      lines["type"] = "string";
      lines["description"] = "one event a line";
      json["requestBody"]["content"]["application/x-ndjson"]["schema"] = std::move(lines);
    }
  }
  Json& responses = json["responses"];
  if (!route.answer_schema.empty() && schemas().find(route.answer_schema) == nullptr)
    throw Error(Code::internal, route.pattern + " names the schema " + route.answer_schema + ", which is not there");
  responses[std::to_string(route.answer_status)] = answer("As asked", route.answer_schema);
  for (const auto& [status, schema] : route.more_answers) responses[std::to_string(status)] = answer(status < 300 ? "As asked" : "Not as asked", schema);
  if (route.has_etag) responses["304"] = answer("What the caller has still holds", "");
  for (const auto& [status, words] : {std::pair{"400", "Something in the request cannot be: the field and the fix are named"}, {"401", "A key is needed"}, {"403", "The key may not do this"},
                                     {"404", "There is no such thing"}, {"405", "The path does not take the method"}, {"408", "The request did not come in time"}, {"409", "Not in this state"}, {"413", "Too long"}, {"429", "Too often"}, {"503", "Not now; Retry-After says when"}})
    if (responses.find(status) == nullptr) responses[status] = answer(words, "Error");
  return json;
}

}  // namespace

Json openapi(const Router& router, const std::string& url) {
  Json json = Json::object();
  json["openapi"] = "3.1.0";
  json["info"]["title"] = "attune";
  json["info"]["version"] = "1";
  json["info"]["description"] = "Recommendations that read, learn from every click and say why. Errors have a stable code, the field and the fix; every answer has X-Request-Id.";
  json["info"]["license"]["name"] = "Apache-2.0";
  json["info"]["license"]["identifier"] = "Apache-2.0";
  if (!url.empty()) {
    Json server = Json::object();
    server["url"] = url;
    json["servers"].push_back(std::move(server));
  }
  Json& paths = json["paths"];
  paths = Json::object();
  for (const Route& route : router.routes()) {
    if (route.is_hidden) continue;
    std::string method;
    for (const char c : route.method) method += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    paths[route.pattern][method] = operation(route);
  }
  json["components"]["schemas"] = schemas();
  Json& bearer = json["components"]["securitySchemes"]["key"];
  bearer["type"] = "http";
  bearer["scheme"] = "bearer";
  return json;
}

}  // namespace attune::serve
