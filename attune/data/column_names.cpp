// Column names: what the columns of files are called, and which field each name means (see columns.h).
#include <algorithm>

#include "attune/data/columns.h"
#include "attune/data/values.h"

namespace attune::data {
namespace {

struct Names {
  std::string_view field;
  std::vector<std::string_view> columns;  // plain names, the surest first
};

// Names seen in public data sets and shop systems.
const std::vector<Names>& known_names() {
  static const std::vector<Names> names = {
      {"user", {"user", "userid", "username", "customer", "customerid", "customernumber", "client", "clientid", "visitor",
                "visitorid", "member", "memberid", "buyer", "buyerid", "reader", "readerid", "reviewer", "reviewerid",
                "account", "accountid", "uid", "usermd5", "userhash", "userkey", "usernumber", "visitorhash", "person", "personid", "student", "studentid", "kunde", "kundennummer"}},
      {"item", {"item", "itemid", "product", "productid", "productcode", "sku", "stockcode", "article", "articleid", "asin",
                "parentasin", "movie", "movieid", "book", "bookid", "isbn", "song", "songid", "track", "trackid", "artist",
                "artistid", "course", "courseid", "contentid", "video", "videoid", "news", "newsid", "game",
                "gameid", "business", "businessid", "anime", "animeid", "goods", "goodsid", "iid", "artikel", "artikelnummer"}},
      {"time", {"time", "timestamp", "ts", "datetime", "date", "eventtime", "createdat", "created", "when", "unixtime",
                "unixreviewtime", "invoicedate", "orderdate", "purchasedate", "reviewtime", "zeit", "datum"}},
      {"type", {"type", "eventtype", "event", "action", "behavior", "behaviour", "behaviortype", "interaction", "verb", "feedbacktype"}},
      {"value", {"value", "rating", "score", "stars", "eventvalue", "overall", "quantity", "qty", "count", "plays", "weight",
                 "watchtime", "duration"}},
      {"session", {"session", "sessionid", "visit", "visitid", "basket", "basketid", "order", "orderid", "transaction",
                   "transactionid", "invoice", "invoiceno", "invoicenumber", "invoiceid"}},
      {"request", {"request", "requestid", "recommendationid"}},
      {"text", {"text", "title", "name", "itemname", "productname", "producttitle", "titel"}},
      {"description", {"description", "summary", "overview", "plot", "abstract", "beschreibung"}},
      {"hidden", {"hidden", "ishidden"}},
      {"quantity", {"quantity", "qty", "menge", "units"}},
      {"price", {"price", "unitprice", "preis", "amount"}},
      {"invoice", {"invoice", "invoiceno", "invoicenumber", "invoiceid", "order", "orderid", "ordernumber", "transaction",
                   "transactionid", "basket", "basketid", "receipt", "receiptid"}},
      {"country", {"country", "land"}},
      {"created", {"created", "createdat", "creationtimestamp", "released", "releasedate", "published", "publishedat"}},
  };
  return names;
}

// "anime_ids" is "animeid".
std::string singular(std::string name) {
  if (name.size() > 4 && name.ends_with("ids")) name.pop_back();
  return name;
}

}  // namespace

const std::vector<std::string_view>& fields_of(std::string_view kind) {
  static const std::vector<std::string_view> events = {"user", "item", "time", "type", "value", "session", "request"};
  static const std::vector<std::string_view> items = {"item", "text", "created", "hidden"};
  static const std::vector<std::string_view> users = {"user", "text", "created"};
  static const std::vector<std::string_view> invoices = {"invoice", "item", "text", "quantity", "time", "price", "user", "country"};
  if (kind == "items") return items;
  if (kind == "users") return users;
  if (kind == "invoices") return invoices;
  return events;
}

std::string best_column(std::string_view field, const std::vector<std::string>& header) {
  std::vector<std::string> plain;
  for (const std::string& column : header) plain.push_back(singular(plain_name(column)));
  for (const Names& names : known_names()) {
    if (names.field != field) continue;
    for (const std::string_view wanted : names.columns)
      for (std::size_t i = 0; i < header.size(); ++i)
        if (plain[i] == wanted) return header[i];
  }
  const auto ending_in = [&](std::initializer_list<std::string_view> endings) -> std::string {
    for (const std::string_view ending : endings)
      for (std::size_t i = 0; i < header.size(); ++i)
        if (plain[i].ends_with(ending) && !plain[i].starts_with("user") && !plain[i].starts_with("file") && header[i].find('.') == std::string::npos)
          return header[i];
    return "";
  };
  if (field == "text") return ending_in({"title", "name"});     // "Game Name"
  if (field == "time") return ending_in({"timestamp", "time"});  // "rating_time"
  return "";
}

std::string id_column(const std::vector<std::string>& header) {
  for (const std::string& column : header) {
    const std::string plain = plain_name(column);
    for (const std::string_view name : {"id", "code", "key", "symbol", "isin", "slug"})
      if (plain == name) return column;
  }
  for (const std::string& column : header)
    if (plain_name(column).ends_with("id") && column.find('.') == std::string::npos) return column;
  return "";
}

std::string plain_name(std::string_view column) {
  std::string out;
  for (const char c : column) {
    if (c >= 'A' && c <= 'Z') out += static_cast<char>(c + 32);
    else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || static_cast<unsigned char>(c) >= 0x80) out += c;
  }
  return out;
}

std::string_view field_of(std::string_view column) {
  const std::string plain = plain_name(column);
  for (const Names& names : known_names())
    if (std::find(names.columns.begin(), names.columns.end(), plain) != names.columns.end()) return names.field;
  return "";
}

std::string_view own_kind(const std::vector<std::string>& header) {
  if (header.size() < 2) return "";
  if (header[0] == "item" && header[1] == "text") return "items";
  if (header[0] == "user" && header[1] == "text") return "users";
  const auto& fields = fields_of("events");
  const bool is_events = header[0] == "user" && header[1] == "item" && std::all_of(header.begin(), header.end(), [&](const std::string& column) {
    return std::find(fields.begin(), fields.end(), column) != fields.end();
  });
  return is_events ? "events" : "";
}

bool is_name_of(std::string_view field, std::string_view column) {
  const std::string plain = plain_name(column);
  for (const Names& names : known_names())
    if (names.field == field && std::find(names.columns.begin(), names.columns.end(), plain) != names.columns.end()) return true;
  return false;
}

std::vector<std::string> numbered(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(std::to_string(i));
  return names;
}

std::optional<std::size_t> place_of(std::string_view column, const std::vector<std::string>& header) {
  for (std::size_t i = 0; i < header.size(); ++i)
    if (header[i] == column) return i;
  for (std::size_t i = 0; i < header.size(); ++i)
    if (!column.empty() && plain_name(header[i]) == plain_name(column)) return i;
  return std::nullopt;
}

std::vector<std::size_t> places_of(std::string_view columns, const std::vector<std::string>& header) {
  if (const auto whole = place_of(columns, header)) return {*whole};
  std::vector<std::size_t> places;
  while (true) {
    const std::size_t plus = columns.find('+');
    const auto place = place_of(trim(columns.substr(0, plus)), header);
    if (!place) return {};
    places.push_back(*place);
    if (plus == std::string_view::npos) return places;
    columns.remove_prefix(plus + 1);
  }
}

}  // namespace attune::data
