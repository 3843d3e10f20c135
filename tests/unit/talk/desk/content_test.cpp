// Import: templates, messages, questions and documents become content; what cannot be read is told by line.
#include "attune/talk/desk/content.h"

#include "attune/core/error.h"
#include "tests/support/folder.h"
#include "tests/support/test.h"

using namespace attune;
using namespace attune::talk::desk;

namespace {

std::vector<Imported> take(Content& content, const std::filesystem::path& file) {
  const std::filesystem::path files[] = {file};
  return import_files(content, files, attune::Run{});
}

}  // namespace

TEST("templates come with their intent, style, slots and messages; importing twice changes nothing") {
  const attune::testing::Folder folder;
  const auto file = folder.write("t.csv", "template,intent,text,style,needs,examples\nw1,where,\"Order {order}, sent.\",formal,order,where is it|not here yet\nw2,where,,,,\n");
  Content content;
  auto report = take(content, file);
  ASSERT_EQ(content.templates.size(), 1u);
  EXPECT_EQ(content.templates[0].text, "Order {order}, sent.");
  EXPECT_EQ(gaps_of(content.templates[0].text), std::vector<std::string>{"order"});
  EXPECT_EQ(content.examples.size(), 2u);
  ASSERT_EQ(report[0].problems.size(), 1u);
  EXPECT_NE(report[0].problems[0].find("t.csv:3"), std::string::npos);
  report = take(content, file);
  EXPECT_EQ(report[0].taken, 0u);
  EXPECT_EQ(content.templates.size(), 1u);
  EXPECT_EQ(content.examples.size(), 2u);
}

TEST("a template without a name is told from a customer's message by its columns or its gaps") {
  const attune::testing::Folder folder;
  Content content;
  take(content, folder.write("a.csv", "intent,text,examples\ncancel,It is cancelled.,stop it|cancel it\n"));
  take(content, folder.write("b.csv", "intent,text\nwhere,Order {order} is on its way.\nwhere,where is it\n"));
  ASSERT_EQ(content.templates.size(), 2u);
  EXPECT_EQ(content.templates[0].text, "It is cancelled.");
  EXPECT_EQ(content.templates[1].intent, "where");
  EXPECT_FALSE(content.templates[0].name.empty());
  ASSERT_EQ(content.examples.size(), 3u);
  EXPECT_EQ(content.examples[2].text, "where is it");
}

TEST("Chinese column names are understood") {
  const attune::testing::Folder folder;
  Content content;
  take(content, folder.write("faq.csv", "问题,答案\n几点开门？,九点。\n"));
  take(content, folder.write("t.csv", "模板,意图,内容,例句\n取消,取消订单,订单{order}已取消。,我不想要了|取消订单\n"));
  ASSERT_EQ(content.faq.size(), 1u);
  EXPECT_EQ(content.faq[0].language, "zh");
  ASSERT_EQ(content.templates.size(), 1u);
  EXPECT_EQ(content.examples.size(), 2u);
}

TEST("spreadsheets' semicolons, tabs and byte order marks are read, other encodings told with what to do") {
  const attune::testing::Folder folder;
  Content content;
  take(content, folder.write("a.csv", "\xef\xbb\xbfquestion;answer\nOpen?;Yes, daily.\n"));
  take(content, folder.write("b.csv", "question\tanswer\nLate?\tNo.\n"));
  ASSERT_EQ(content.faq.size(), 2u);
  EXPECT_EQ(content.faq[0].answer, "Yes, daily.");
  try {
    take(content, folder.write("gbk.csv", "\xce\xca\xcc\xe2,\xb4\xf0\xb0\xb8\na,b\n"));
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("save it as UTF-8"), std::string::npos);
  }
}

TEST("columns of other systems are understood") {
  const attune::testing::Folder folder;
  Content content;
  take(content, folder.write("bank.csv", "text,category\nwhere is my card,card\nhello there,oos\n"));
  take(content, folder.write("bitext.csv", "utterance,intent,tags\ncancel it,cancel,B\n"));
  ASSERT_EQ(content.examples.size(), 3u);
  EXPECT_EQ(content.examples[0].intent, "card");
  EXPECT_EQ(content.examples[1].intent, "");
  EXPECT_EQ(content.examples[2].intent, "cancel");
}

TEST("questions are read from JSON lines, from lists and from lists of wordings") {
  const attune::testing::Folder folder;
  Content content;
  take(content, folder.write("a.jsonl", "{\"question\": \"Open?\", \"answer\": \"Yes\"}\nnot json\n"));
  take(content, folder.write("b.json", "{\"questions\": [{\"question\": \"Late?\", \"answer\": \"No\"}]}"));
  take(content, folder.write("c.json", "{\"questions\": [{\"intent\": \"pay\", \"variations\": [{\"question\": \"How to pay?\", \"answer\": \"Card\"}, {\"question\": \"Paying?\", \"answer\": \"Card\"}]}]}"));
  ASSERT_EQ(content.faq.size(), 4u);
  EXPECT_EQ(content.faq[2].name, "pay");
  EXPECT_EQ(content.faq[3].name, "pay");
}

TEST("a document is cut into passages under their headings; a heading that asks is a question too") {
  const attune::testing::Folder folder;
  Content content;
  const auto file = folder.write("send.md", "# Sending\n\nWe send daily.\n\n## How long does it take?\n\nTwo days.\n\n" + std::string(700, 'x') + "\n\nAnd more.\n");
  take(content, file);
  ASSERT_GE(content.passages.size(), 3u);
  EXPECT_EQ(content.passages[0].heading, "Sending");
  EXPECT_EQ(content.passages[0].line, 3);
  ASSERT_EQ(content.faq.size(), 1u);
  EXPECT_EQ(content.faq[0].question, "How long does it take?");
  const std::size_t before = content.passages.size();
  take(content, file);
  EXPECT_EQ(content.passages.size(), before);
}

TEST("a file of nothing a desk can answer from is refused, saying what is expected") {
  const attune::testing::Folder folder;
  Content content;
  try {
    take(content, folder.write("x.csv", "a,b\n1,2\n"));
    FAIL();
  } catch (const Error& e) {
    EXPECT_NE(std::string(e.what()).find("template, intent, text"), std::string::npos);
  }
  EXPECT_THROW(take(content, folder.path), Error);
  EXPECT_THROW(take(content, folder.path / "missing.csv"), Error);
}

TEST("content is written and read as it was") {
  const attune::testing::Folder folder;
  Content content;
  content.templates.push_back({"a", "i", "text {order}", "en", "formal", {"order"}});
  content.examples.push_back({"hello \"you\"", ""});
  content.faq.push_back({"n", "q", "a", "zh"});
  content.passages.push_back({"d.md", "h", "line\nline", 7});
  save_content(content, folder.path / "desk");
  const Content again = load_content(folder.path / "desk");
  EXPECT_EQ(again.templates[0].needs, content.templates[0].needs);
  EXPECT_EQ(again.examples[0].text, "hello \"you\"");
  EXPECT_EQ(again.faq[0].language, "zh");
  EXPECT_EQ(again.passages[0].text, "line\nline");
  EXPECT_EQ(again.passages[0].line, 7);
  EXPECT_TRUE(load_content(folder.path / "nowhere").empty());
}

TEST("languages are told apart by their characters") {
  EXPECT_EQ(language_of("where is my order"), "en");
  EXPECT_EQ(language_of("我的order在哪里"), "zh");
  EXPECT_EQ(language_of("\xe9\xe9"), "en");
}

TEST("a catalogue is not taken for customers' messages, and what was imported by mistake is forgotten again") {
  const attune::testing::Folder folder;
  Content content;
  take(content, folder.write("kept.csv", "text,intent\nwhere is it,where\n"));
  for (const char* rows : {"item,text,category,price,brand\n1,a blue mug,kitchen,5,Acme\n", "商品,内容,分类,价格\n1,蓝色杯子,厨房,5\n"}) {
    const auto file = folder.write("items.csv", rows);
    try {
      take(content, file);
      FAIL() << rows;
    } catch (const Error& e) {
      EXPECT_NE(std::string(e.what()).find("catalogue"), std::string::npos) << e.what();
    }
    EXPECT_EQ(content.examples.size(), 1u);
  }
  content.examples.push_back({"a blue mug", "kitchen"});   // as taken in before
  const std::filesystem::path items[] = {folder.write("items.csv", "item,text,category,price,brand\n1,a blue mug,kitchen,5,Acme\n")};
  EXPECT_EQ(forget_files(content, items, attune::Run{}).front().taken, 1u);
  ASSERT_EQ(content.examples.size(), 1u);
  EXPECT_EQ(content.examples[0].intent, "where");
  const auto document = folder.write("send.md", "# Sending\n\nWe send daily.\n");
  take(content, document);
  std::filesystem::remove(document);
  const std::filesystem::path gone[] = {document};
  EXPECT_EQ(forget_files(content, gone, attune::Run{}).front().taken, 1u);
  EXPECT_TRUE(content.passages.empty());
  EXPECT_THROW(forget_files(content, gone, attune::Run{}), Error);
}
