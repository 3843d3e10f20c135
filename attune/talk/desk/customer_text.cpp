// Customers' texts: see the header.
#include "attune/talk/desk/customer_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <cctype>
#include <initializer_list>

#include "attune/core/ascii.h"

namespace attune::talk::desk {
namespace {

constexpr std::size_t kLongestMessage = 4000;

// Space of any script, control characters, and marks that turn the direction of what follows.
bool is_blank(utf8proc_int32_t c) {
  return c <= 0x20 || c == 0x7f || c == 0x3000 || c == 0xa0 || (c >= 0x80 && c < 0xa0) || (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) ||
         (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}


// Without signs and space at its end.
std::string bare(std::string_view text) {
  std::string low = lowered(text);
  for (bool is_cut = true; is_cut;) {
    is_cut = false;
    for (const std::string_view sign : {"!", ".", ",", "~", " ", "！", "。", "，", "～"})
      if (low.ends_with(sign)) low.resize(low.size() - sign.size()), is_cut = true;
  }
  return low;
}
bool is_one_of(std::string_view text, std::initializer_list<std::string_view> phrases) {
  const std::string said = bare(text);
  return std::find(phrases.begin(), phrases.end(), said) != phrases.end();
}

}  // namespace

std::string readable(std::string_view message) {
  std::string text;
  std::size_t characters = 0;
  bool was_space = true;
  const auto* at = reinterpret_cast<const utf8proc_uint8_t*>(message.data());
  for (std::size_t i = 0; i < message.size() && characters < kLongestMessage;) {
    utf8proc_int32_t c = 0;
    const utf8proc_ssize_t n = utf8proc_iterate(at + i, static_cast<utf8proc_ssize_t>(message.size() - i), &c);
    const bool is_space = n > 0 && is_blank(c);
    if (is_space) {
      if (!was_space) text += ' ';
    } else if (n <= 0) {
      text += "\xef\xbf\xbd";
    } else {
      text.append(message.substr(i, static_cast<std::size_t>(n)));
    }
    if (!is_space || !was_space) ++characters;
    was_space = is_space;
    i += static_cast<std::size_t>(std::max<utf8proc_ssize_t>(n, 1));
  }
  while (!text.empty() && text.back() == ' ') text.pop_back();
  return text;
}

std::string read_for_intents(std::string_view message) {
  const std::string text = readable(message);
  return without_values(text, find_slots(text, "", {}));
}

bool wants_person(std::string_view text) {
  const std::string low = lowered(text);
  static constexpr std::string_view verbs[] = {"speak to", "speak with", "talk to", "talk with", "chat with", "connect me", "transfer me", "put me through", "get me", "i want", "i need", "call me"};
  static constexpr std::string_view persons[] = {"a human", "a person", "real person", "an agent", "live agent", "representative", "an operator", "customer service", "a manager", "supervisor", "someone real", "human being"};
  static constexpr std::string_view chinese[] = {"转人工", "人工客服", "找人工", "真人", "人工服务"};
  for (const auto word : chinese)
    if (low.find(word) != std::string::npos) return true;
  for (const auto verb : verbs)
    if (const std::size_t at = low.find(verb); at != std::string::npos)
      for (const auto person : persons)
        if (const std::size_t next = low.find(person, at); next != std::string::npos && next - at < 40) return true;
  return low == "agent" || low == "human" || low == "operator";
}

bool is_greeting(std::string_view text) {
  return is_one_of(text, {"hi", "hello", "hey", "hi there", "hello there", "good morning", "good afternoon", "good evening", "good day", "greetings", "你好", "您好", "你好啊", "你好呀", "嗨", "早上好", "上午好", "下午好", "晚上好", "在吗", "有人吗", "哈喽"});
}
bool is_thanks(std::string_view text) {
  return is_one_of(text, {"thanks", "thank you", "thank you very much", "many thanks", "thx", "cheers", "thanks a lot", "great, thanks", "ok thanks", "ok, thanks", "bye", "goodbye", "thank you, bye", "谢谢", "谢谢你", "谢谢您", "多谢", "非常感谢", "感谢", "好的谢谢", "好的，谢谢", "再见", "拜拜"});
}

bool says_only_values(std::string_view plain) {
  std::string left = lowered(without_gaps(plain));
  for (const std::string_view sign : {"，", "。", "！", "？", "：", "订单号码", "订单号", "订单", "单号", "号码", "编号", "还有", "也是", "我的", "这个", "那个", "那么", "号", "是", "的", "和", "也", "那", "呢", "了"})
    for (std::size_t at = left.find(sign); at != std::string::npos; at = left.find(sign)) left.replace(at, sign.size(), " ");
  static constexpr std::string_view fillers[] = {"order", "orders", "number", "no", "nr", "purchase", "parcel", "reference", "ref", "it", "its", "is", "it's", "was", "my", "the", "this", "that", "and", "also", "too", "as", "well",
                                                 "for", "about", "what", "how", "please", "pls", "sorry", "yes", "ok", "here", "same", "then", "or", "other", "another", "one"};
  for (std::size_t at = 0; at < left.size();) {
    std::size_t end = at;
    while (end < left.size() && (std::isalpha(static_cast<unsigned char>(left[end])) != 0 || left[end] == '\'' || static_cast<unsigned char>(left[end]) >= 0x80)) ++end;
    if (end > at && std::find(std::begin(fillers), std::end(fillers), std::string_view(left).substr(at, end - at)) == std::end(fillers)) return false;
    at = std::max(end, at + 1);
  }
  return true;
}

bool has_letters(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80; });
}

std::string without_gaps(std::string_view text) {
  std::string left;
  bool inside = false;
  for (const char c : text) {
    inside = inside || c == '{';
    if (!inside) left += c;
    if (c == '}') inside = false;
  }
  return left;
}

std::string filled(const std::string& text, const Slots& slots) {
  std::string made;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t open = text.find('{', at), close = open == std::string::npos ? open : text.find('}', open);
    if (close == std::string::npos) return made + text.substr(at);
    made += text.substr(at, open - at);
    const auto found = slots.find(text.substr(open + 1, close - open - 1));
    made += found != slots.end() ? found->second : text.substr(open, close - open + 1);
    at = close + 1;
  }
  return made;
}

}  // namespace attune::talk::desk
