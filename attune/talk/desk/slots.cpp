// Slots by rules: one scan over the characters, candidates kept where they do not overlap, the more certain kind first.
#include "attune/talk/desk/slots.h"

#include <algorithm>

#include "attune/core/ascii.h"
#include "attune/talk/desk/dates.h"
#include "attune/talk/safety/mask.h"

namespace attune::talk::desk {
namespace {

using std::chrono::year_month_day;



// Does one of `words` stand in the 24 bytes before `at`? So far back, a word still belongs to a number.
bool follows(const std::string& text, std::size_t at, std::initializer_list<std::string_view> words) {
  const std::size_t from = at > 24 ? at - 24 : 0;
  const std::string_view before = std::string_view(text).substr(from, at - from);
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return before.find(w) != std::string_view::npos; });
}

const std::initializer_list<std::string_view> kOrderWords = {"order", "purchase", "invoice", "parcel", "tracking", "reference", "ref ", "no.", "number", "#", "订单", "单号", "编号", "包裹"};

// As follows(), but a number between takes the word for itself: in "order 9912, it was 123" 123 is no order.
bool follows_at_once(const std::string& text, std::size_t at, std::initializer_list<std::string_view> words) {
  std::size_t from = at > 24 ? at - 24 : 0;
  for (std::size_t i = at; i > from; --i)
    if (is_digit(text[i - 1])) from = i;
  const std::string_view before = std::string_view(text).substr(from, at - from);
  return std::any_of(words.begin(), words.end(), [&](std::string_view w) { return before.find(w) != std::string_view::npos; });
}

// 1.25 kg is no price.
bool is_measure(const std::string& text, std::size_t at) {
  while (at < text.size() && text[at] == ' ') ++at;
  for (const std::string_view unit : {"kg", "cm", "mm", "km", "gb", "mb", "inch", "%", "g ", "m ", "l ", "公斤", "千克", "厘米", "米", "折"})
    if (std::string_view(text).substr(at).starts_with(unit)) return true;
  return false;
}

class Finder {
 public:
  Finder(std::string_view text, std::string_view asked, year_month_day today) : raw_(text), text_(lowered(text)), asked_(asked), today_(today) {}

  std::vector<FoundSlot> all() {
    emails();
    private_numbers();
    dates();
    amounts();
    numbers();
    names();
    if (!asked_.empty() && std::none_of(found_.begin(), found_.end(), [&](const FoundSlot& f) { return f.name == asked_; })) bare();
    std::sort(found_.begin(), found_.end(), [](const FoundSlot& a, const FoundSlot& b) { return a.begin < b.begin; });
    return std::move(found_);
  }

 private:
  void keep(const std::string& name, std::string value, std::size_t begin, std::size_t end) {
    for (const FoundSlot& f : found_)
      if (begin < f.end && f.begin < end) return;
    found_.push_back({name, std::move(value), begin, end});
  }

  void emails() {
    for (std::size_t at = text_.find('@'); at != std::string::npos; at = text_.find('@', at + 1)) {
      const auto part = [&](char c) { return is_alnum(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '%'; };
      std::size_t begin = at, end = at + 1;
      while (begin > 0 && at - begin < 64 && part(text_[begin - 1])) --begin;
      while (end < text_.size() && end - at < 255 && (is_alnum(text_[end]) || text_[end] == '.' || text_[end] == '-')) ++end;
      while (end > at + 1 && !is_alnum(text_[end - 1])) --end;
      while (begin < at && !is_alnum(text_[begin])) ++begin;
      const std::string_view host = std::string_view(text_).substr(at + 1, end - at - 1);
      if (begin < at && host.find('.') != std::string_view::npos) keep("email", std::string(raw_.substr(begin, end - begin)), begin, end);
    }
  }

  // Cards, identity and account numbers: nothing an answer needs, and never an order unless it is called one.
  void private_numbers() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      if (!is_alnum(text_[at])) continue;
      std::size_t end = at, word_end = at;
      while (word_end < text_.size() && is_alnum(text_[word_end])) ++word_end;
      if (is_digit(text_[at]))
        while (end < text_.size() && (is_digit(text_[end]) || ((text_[end] == ' ' || text_[end] == '-') && end > at && is_digit(text_[end - 1]) && end + 1 < text_.size() && is_digit(text_[end + 1])))) ++end;
      const bool is_called_order = follows_at_once(text_, at, kOrderWords) && !follows(text_, at, {"card", "卡"}) && text_.find(' ', at) >= end;
      for (const std::size_t stop : {std::max(end, word_end), word_end}) {
        if (stop - at < 13 || stop - at > 40 || is_called_order) continue;
        const std::string masked = safety::mask_personal(raw_.substr(at, stop - at));
        for (const char* kind : {"card", "id", "iban"})
          if (masked == "[" + std::string(kind) + "]") keep(kind, std::string(raw_.substr(at, stop - at)), at, stop);
      }
      at = std::max(end, word_end) - 1;
    }
  }

  void dates() {
    for (FoundDate& date : find_dates(text_, today_)) keep("date", std::move(date.value), date.begin, date.end);
  }

  void amounts() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      if (!is_digit(text_[at]) || (at > 0 && (is_alnum(text_[at - 1]) || text_[at - 1] == '.'))) continue;
      std::size_t end = at;
      while (end < text_.size() && (is_digit(text_[end]) || ((text_[end] == '.' || text_[end] == ',') && end + 1 < text_.size() && is_digit(text_[end + 1])))) ++end;
      static constexpr std::string_view before[] = {"$", "\xe2\x82\xac", "\xc2\xa3", "\xc2\xa5", "\xef\xbf\xa5"};
      static constexpr std::string_view after[] = {"$", "\xe2\x82\xac", "\xc2\xa3", "usd", "eur", "gbp", "cny", "rmb", "dollar", "euro", "pound", "yuan", "元", "块", "美元", "欧元"};
      std::size_t begin = at;
      for (const auto sign : before) {
        std::size_t back = at;
        while (back > 0 && text_[back - 1] == ' ') --back;
        if (back >= sign.size() && text_.compare(back - sign.size(), sign.size(), sign) == 0) begin = back - sign.size();
      }
      std::size_t next = end;
      while (next < text_.size() && text_[next] == ' ') ++next;
      std::size_t stop = end;
      for (const auto sign : after)
        if (text_.compare(next, sign.size(), sign) == 0) stop = std::max(stop, next + sign.size());
      while (stop > end && stop < text_.size() && is_letter(text_[stop])) ++stop;   // dollars, euros
      // Two digits after the point are money also without a sign; and so is any number where the amount was asked for.
      const bool is_price = end - at >= 4 && (text_[end - 3] == '.' || text_[end - 3] == ',') && std::count(text_.begin() + static_cast<std::ptrdiff_t>(at), text_.begin() + static_cast<std::ptrdiff_t>(end), '.') <= 1 && !is_measure(text_, end);
      const bool is_answer = asked_ == "amount" && end - at <= 10 && !follows_at_once(text_, at, kOrderWords) && (end == text_.size() || !(is_alnum(text_[end]) || text_[end] == '-'));
      if (begin < at || stop > end || is_price || is_answer) keep("amount", std::string(raw_.substr(begin, stop - begin)), begin, stop);
      at = end;
    }
  }

  // Runs of digits and capital-like codes: telephone numbers, order numbers, postcodes by what stands before and by their form.
  void numbers() {
    for (std::size_t at = 0; at < text_.size(); ++at) {
      const bool starts = is_alnum(text_[at]) || (text_[at] == '+' && at + 1 < text_.size() && is_digit(text_[at + 1]));
      if (!starts || (at > 0 && is_alnum(text_[at - 1]))) continue;
      std::size_t end = at + 1, digits = is_digit(text_[at]), plain_end = end, letters = is_letter(text_[at]);
      while (end < text_.size() && (is_alnum(text_[end]) || ((text_[end] == '-' || text_[end] == '_') && end + 1 < text_.size() && is_alnum(text_[end + 1])))) {
        digits += is_digit(text_[end]), letters += is_letter(text_[end]);
        plain_end = ++end;
      }
      if (letters == 0 && (text_[at] == '+' || follows(text_, at, {"phone", "call", "tel", "mobile", "reach me", "电话", "手机", "号码是"}) || asked_ == "phone")) {
        std::size_t all = digits;   // a telephone number may have gaps
        while (end < text_.size() && (is_digit(text_[end]) || ((text_[end] == ' ' || text_[end] == '-' || text_[end] == '(' || text_[end] == ')') && end + 1 < text_.size() && (is_digit(text_[end + 1]) || text_[end + 1] == '(')))) all += is_digit(text_[end++]);
        if (all >= 7 && all <= 15) keep("phone", std::string(raw_.substr(at, end - at)), at, end);
      }
      const bool is_order_word = follows_at_once(text_, at, kOrderWords);
      const std::string_view run = std::string_view(text_).substr(at, plain_end - at);
      if (letters == 0 && run.size() <= 10 && std::count(run.begin(), run.end(), '-') == 2) {   // the form of a date, though there is no such day
        at = plain_end - 1;
        continue;
      }
      const bool is_code = digits >= 4 && (letters == 0 || (letters <= 6 && digits >= 3));
      if (follows(text_, at, {"zip", "postcode", "postal", "邮编"}) && digits >= 3 && plain_end - at <= 10) keep("postcode", std::string(raw_.substr(at, plain_end - at)), at, plain_end);
      else if (letters == 0 && digits == 11 && text_[at] == '1' && !is_order_word && asked_ != "order") keep("phone", std::string(raw_.substr(at, plain_end - at)), at, plain_end);   // a Chinese mobile number
      else if (is_order_word && digits >= 3 && (letters == 0 || is_code || digits >= letters)) keep("order", std::string(raw_.substr(at, plain_end - at)), at, plain_end);
      else if (is_code && digits >= 5 && !(letters == 0 && digits > 20)) keep("order", std::string(raw_.substr(at, plain_end - at)), at, plain_end);
      at = std::max(plain_end, at + 1) - 1;
    }
  }

  void names() {
    for (const std::string_view lead : {"my name is ", "i am called ", "this is mr ", "this is ms ", "this is mrs "})
      if (const std::size_t at = text_.find(lead); at != std::string::npos) {
        std::size_t begin = at + lead.size(), end = begin, words = 0;
        while (end < text_.size() && words < 3) {
          std::size_t stop = end;
          while (stop < text_.size() && (is_letter(text_[stop]) || text_[stop] == '\'' || text_[stop] == '-' || static_cast<unsigned char>(text_[stop]) >= 0x80)) ++stop;
          if (stop == end || (words > 0 && !(raw_[end] >= 'A' && raw_[end] <= 'Z'))) break;
          end = stop, ++words;
          if (end < text_.size() && text_[end] == ' ') ++end;
        }
        while (end > begin && text_[end - 1] == ' ') --end;
        if (end > begin) keep("name", std::string(raw_.substr(begin, end - begin)), begin, end);
      }
    for (const std::string_view lead : {"我叫", "我是", "姓名是"})
      if (const std::size_t at = text_.find(lead); at != std::string::npos && asked_ == "name") {
        const std::size_t begin = at + lead.size();
        std::size_t end = begin;
        while (end < text_.size() && end - begin < 12 && static_cast<unsigned char>(text_[end]) >= 0x80 && text_.compare(end, 3, "，") != 0 && text_.compare(end, 3, "。") != 0) ++end;
        if (end > begin) keep("name", std::string(raw_.substr(begin, end - begin)), begin, end);
      }
  }

  // The answer to a question: any number for an order, a short text for a name.
  void bare() {
    if (asked_ == "order" || asked_ == "postcode" || asked_ == "phone" || asked_ == "amount") {
      for (std::size_t at = 0; at < text_.size(); ++at) {
        if (!is_digit(text_[at])) continue;
        std::size_t begin = at, end = at;
        while (begin > 0 && is_alnum(text_[begin - 1])) --begin;
        while (end < text_.size() && (is_alnum(text_[end]) || ((text_[end] == '-' || (asked_ == "amount" && (text_[end] == '.' || text_[end] == ','))) && end + 1 < text_.size() && is_alnum(text_[end + 1])))) ++end;
        const std::size_t before = found_.size();
        keep(std::string(asked_), std::string(raw_.substr(begin, end - begin)), begin, end);
        if (found_.size() > before) return;
        at = std::max(at + 1, end) - 1;   // it was said to be something else
      }
    } else if (asked_ == "name" || (asked_ != "date" && asked_ != "email")) {
      std::size_t begin = text_.find_first_not_of(" \t\r\n"), end = text_.find_last_not_of(" \t\r\n.!?");
      if (begin == std::string::npos || end == std::string::npos || end < begin) return;
      const auto words = std::count(text_.begin() + static_cast<std::ptrdiff_t>(begin), text_.begin() + static_cast<std::ptrdiff_t>(end) + 1, ' ');
      if (words <= 3 && end - begin < 60 && text_.find('?') == std::string::npos && text_.find("？") == std::string::npos) keep(std::string(asked_), std::string(raw_.substr(begin, end + 1 - begin)), begin, end + 1);
    }
  }

  std::string_view raw_;
  std::string text_;
  std::string_view asked_;
  year_month_day today_;
  std::vector<FoundSlot> found_;
};

}  // namespace

std::vector<FoundSlot> find_slots(std::string_view text, std::string_view asked, year_month_day today) { return Finder(text, asked, today).all(); }

bool names_unread_order(std::string_view text, const std::vector<FoundSlot>& found) {
  const std::string low = lowered(text);
  static constexpr std::string_view between[] = {" ", "#", ":", "：", "number", "no.", "no ", "nr", "is", "号码", "号", "是", "编", "为"};
  for (const std::string_view word : {"order", "purchase", "订单", "单号"})
    for (std::size_t at = low.find(word); at != std::string::npos; at = low.find(word, at + 1)) {
      std::size_t next = at + word.size();
      for (bool moved = true; moved;) {
        moved = false;
        for (const std::string_view one : between)
          if (std::string_view(low).substr(next).starts_with(one)) next += one.size(), moved = true;
      }
      if (next == at + word.size() && static_cast<unsigned char>(word.front()) < 0x80) continue;   // "ordered", "order."
      std::size_t end = next;
      while (end < low.size() && (is_alnum(low[end]) || low[end] == '-')) ++end;
      const bool has_digit = std::any_of(low.begin() + static_cast<std::ptrdiff_t>(next), low.begin() + static_cast<std::ptrdiff_t>(end), is_digit);
      if (has_digit && std::none_of(found.begin(), found.end(), [&](const FoundSlot& f) { return f.begin < end && next < f.end; })) return true;
    }
  return false;
}

bool is_private(std::string_view slot) { return slot == "card" || slot == "id" || slot == "iban"; }

std::string masked(std::string_view text, const std::vector<FoundSlot>& found) {
  std::string made;
  std::size_t at = 0;
  for (const FoundSlot& f : found) {
    made += safety::mask_personal(text.substr(at, f.begin - at));
    made += is_private(f.name) || f.name == "phone" || f.name == "email" ? "[" + f.name + "]" : std::string(text.substr(f.begin, f.end - f.begin));
    at = f.end;
  }
  return made + safety::mask_personal(text.substr(at));
}

std::string without_values(std::string_view text, const std::vector<FoundSlot>& found) {
  std::string made;
  std::size_t at = 0;
  for (const FoundSlot& f : found) {
    made += text.substr(at, f.begin - at);
    made += "{" + f.name + "}";
    at = f.end;
  }
  return made + std::string(text.substr(at));
}

std::string question_for(std::string_view slot, std::string_view language, std::string_view style) {
  struct Wording {
    std::string_view slot, formal, casual, chinese;
  };
  static constexpr Wording wordings[] = {
      {"order", "Could you please tell me your order number?", "What's your order number?", "请问您的订单号是多少？"},
      {"date", "Could you please tell me the date?", "Which day was that?", "请问是哪一天？"},
      {"email", "Could you please tell me your e-mail address?", "What's your e-mail address?", "请问您的电子邮箱是什么？"},
      {"phone", "Could you please tell me your telephone number?", "What's your phone number?", "请问您的电话号码是多少？"},
      {"amount", "Could you please tell me the amount?", "How much was it?", "请问金额是多少？"},
      {"name", "Could you please tell me your name?", "What's your name?", "请问您怎么称呼？"},
      {"postcode", "Could you please tell me your postcode?", "What's your postcode?", "请问您的邮编是多少？"},
  };
  for (const Wording& w : wordings)
    if (w.slot == slot) return std::string(language == "zh" ? w.chinese : style == "casual" ? w.casual : w.formal);
  std::string named(slot);
  std::replace(named.begin(), named.end(), '_', ' ');
  return language == "zh" ? "请告诉我" + named + "。" : style == "casual" ? "What's the " + named + "?" : "Could you please tell me the " + named + "?";
}

}  // namespace attune::talk::desk
