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
                "account", "accountid", "uid", "usermd5", "userhash", "userkey", "usernumber", "visitorhash", "person", "personid", "student", "studentid", "kunde", "kundennummer",
                "用户", "用户id", "用户编号", "用户名", "顾客", "顾客id", "顾客编号", "客户", "客户id", "客户编号", "会员", "会员id", "会员编号", "买家", "买家id"}},
      // Where no column is called user, in rows with a product and a time: who bought. (A catalogue may have the e-mail of a supplier.)
      {"person", {"customeremail", "useremail", "buyeremail", "email", "emailaddress", "customername", "clientname", "buyername", "membername",
                  "邮箱", "顾客姓名", "客户姓名", "客户名称", "会员姓名", "收货人"}},
      {"item", {"item", "itemid", "product", "productid", "productcode", "sku", "stockcode", "article", "articleid", "asin",
                "parentasin", "movie", "movieid", "book", "bookid", "isbn", "song", "songid", "track", "trackid", "artist",
                "artistid", "course", "courseid", "contentid", "video", "videoid", "news", "newsid", "game",
                "gameid", "business", "businessid", "anime", "animeid", "goods", "goodsid", "iid", "artikel", "artikelnummer", "lineitemsku", "lineitemname",
                "商品", "商品id", "商品编号", "商品编码", "商品代码", "产品", "产品id", "产品编号", "物品", "物品id", "物品编号", "货号"}},
      {"time", {"time", "timestamp", "ts", "datetime", "date", "eventtime", "createdat", "created", "when", "unixtime",
                "unixreviewtime", "invoicedate", "orderdate", "purchasedate", "reviewtime", "zeit", "datum",
                "时间", "时间戳", "日期", "下单时间", "购买时间", "订单时间", "交易时间", "浏览时间", "发生时间", "行为时间", "创建时间", "下单日期", "购买日期", "订单日期", "交易日期"}},
      {"type", {"type", "eventtype", "event", "action", "behavior", "behaviour", "behaviortype", "interaction", "verb", "feedbacktype", "事件", "事件类型", "行为", "行为类型", "动作", "操作"}},
      {"value", {"value", "rating", "score", "stars", "eventvalue", "overall", "quantity", "qty", "count", "plays", "weight",
                 "watchtime", "duration", "评分", "打分", "分数", "数量", "件数"}},
      {"session", {"session", "sessionid", "visit", "visitid", "basket", "basketid", "order", "orderid", "transaction",
                   "transactionid", "invoice", "invoiceno", "invoicenumber", "invoiceid", "会话", "会话id", "订单", "订单号", "订单id", "订单编号"}},
      {"request", {"request", "requestid", "recommendationid"}},
      {"text", {"text", "title", "name", "itemname", "productname", "producttitle", "titel", "标题", "名称", "商品名称", "商品名", "商品标题", "产品名称", "品名"}},
      {"description", {"description", "summary", "overview", "plot", "abstract", "beschreibung", "描述", "商品描述", "产品描述", "说明", "简介", "介绍", "详情",
                       "bio", "biography", "about", "aboutme", "profile", "个人简介", "自我介绍", "兴趣", "兴趣爱好"}},
      {"hidden", {"hidden", "ishidden"}},
      {"quantity", {"quantity", "qty", "menge", "units", "数量", "件数"}},
      {"price", {"price", "unitprice", "preis", "amount", "价格", "单价", "售价"}},
      {"invoice", {"invoice", "invoiceno", "invoicenumber", "invoiceid", "order", "orderid", "ordernumber", "transaction",
                   "transactionid", "basket", "basketid", "receipt", "receiptid", "订单", "订单号", "订单id", "订单编号"}},
      {"country", {"country", "land", "国家"}},
      {"created", {"created", "createdat", "creationtimestamp", "released", "releasedate", "published", "publishedat"}},
  };
  return names;
}

// "anime_ids" is "animeid".
std::string singular(std::string name) {
  if (name.size() > 4 && name.ends_with("ids")) name.pop_back();
  return name;
}

// "ordered_at", "viewedAt", "purchase_date", "bought on": when something was done. Not when somebody was born or a row was changed.
bool is_moment(std::string_view column, std::string_view plain) {
  for (const std::string_view other : {"birth", "born", "updated", "modified", "deleted", "expir"})
    if (plain.find(other) != std::string_view::npos) return false;
  if (column.find('.') != std::string_view::npos) return false;
  for (const std::string_view ending : {"_at", " at", "-at", "At", "_AT", "_on", " on", "-on"})
    if (column.size() > ending.size() + 2 && column.ends_with(ending)) return true;
  return plain.ends_with("date") && plain != "update";
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
  if (field != "time") return "";
  if (std::string found = ending_in({"timestamp", "time"}); !found.empty()) return found;  // "rating_time"
  for (std::size_t i = 0; i < header.size(); ++i)
    if (is_moment(header[i], plain[i])) return header[i];
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
