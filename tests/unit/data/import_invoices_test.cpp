// Cleaning of invoice lines, each case small enough to work out by hand.
#include "tests/unit/data/import_files.h"

namespace attune::data {
namespace {

using testing::import;
using testing::guessed;

const std::string kHeader = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

// A row of the books: invoice, code, text, quantity, time, price, customer.
std::string line(const std::string& rest) { return rest + ",United Kingdom\n"; }

std::vector<std::string> purchases(const Batch& batch) {
  std::vector<std::string> out;
  for (const Event& e : batch.events) out.push_back(e.user + " " + e.item + " x" + std::to_string(static_cast<int>(e.value.value_or(0))));
  return out;
}
std::vector<std::string> reasons(const Batch& batch) {
  std::vector<std::string> out;
  for (const Rejection& r : batch.rejections) out.push_back(std::to_string(r.line) + " " + r.reason);
  return out;
}
using Texts = std::vector<std::string>;

TEST("lines whose time has a name of the shop's own are invoices all the same, and read as such") {
  const std::string header = "InvoiceNo,StockCode,Description,Quantity,ordered_at,UnitPrice,Kunde7,Country\n";
  EXPECT_EQ(guessed(header + line("536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850")).format, "invoices");
  const Batch b = import(header + line("536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850"));
  REQUIRE(b.items.size() == 1);
  EXPECT_EQ(b.items[0].name, "85123A");
  EXPECT_EQ(b.events.size(), 1u);
}

TEST("an invoice line becomes a purchase with its invoice as session") {
  const Batch b = import(kHeader + line("536365,85123A,WHITE HEART,6,2010-12-01 08:26:00,2.55,17850"));
  REQUIRE(b.events.size() == 1);
  const Event& e = b.events[0];
  EXPECT_EQ(e.user, "17850");
  EXPECT_EQ(e.item, "85123A");
  EXPECT_EQ(e.type, "purchase");
  EXPECT_EQ(e.value, 6.0);
  EXPECT_EQ(e.session, "536365");
  EXPECT_EQ(e.time_ms, 1291191960000);  // date -u -d '2010-12-01 08:26' +%s
  REQUIRE(b.items.size() == 1);
  EXPECT_EQ(b.items[0].text, "WHITE HEART");
  EXPECT_EQ(b.items[0].attributes.at("price").as_number(), 2.55);
  REQUIRE(b.users.size() == 1);
  EXPECT_EQ(b.users[0].attributes.at("country").as_string(), "United Kingdom");
}

TEST("a return takes back the latest earlier purchase that has enough left") {
  const Batch b = import(kHeader + line("500001,10001,CUP,5,2010-12-01 08:00:00,1,7") + line("500002,10001,CUP,2,2010-12-02 08:00:00,1,7") +
                         line("C500003,10001,CUP,-4,2010-12-03 08:00:00,1,7") + line("500004,10001,CUP,9,2010-12-04 08:00:00,1,7"));
  EXPECT_EQ(purchases(b), (Texts{"7 10001 x1", "7 10001 x2", "7 10001 x9"}));  // the first had enough, the second had not
  EXPECT_TRUE(b.rejections.empty());
}

TEST("a purchase taken back in whole is set aside and says by which line") {
  const Batch b = import(kHeader + line("500001,10001,CUP,5,2010-12-01 08:00:00,1,7") + line("500002,10002,POT,1,2010-12-01 09:00:00,1,7") +
                         line("C500003,10001,CUP,-5,2010-12-03 08:00:00,1,7"));
  EXPECT_EQ(purchases(b), (Texts{"7 10002 x1"}));
  EXPECT_EQ(reasons(b), (Texts{"2 purchase taken back by a later return: line 4"}));
}

TEST("a return larger than any one purchase takes back several, the latest first") {
  const Batch b = import(kHeader + line("500001,10001,CUP,3,2010-12-01 08:00:00,1,7") + line("500002,10001,CUP,3,2010-12-02 08:00:00,1,7") +
                         line("C500003,10001,CUP,-4,2010-12-03 08:00:00,1,7"));
  EXPECT_EQ(purchases(b), (Texts{"7 10001 x2"}));
}

TEST("a return without enough earlier purchases is set aside and takes nothing") {
  const Batch b = import(kHeader + line("C500000,10001,CUP,-1,2010-11-01 08:00:00,1,7") + line("500001,10001,CUP,3,2010-12-01 08:00:00,1,7") +
                         line("C500003,10001,CUP,-4,2010-12-03 08:00:00,1,7") + line("C500004,10001,CUP,-1,2010-12-03 08:00:00,1,8"));
  EXPECT_EQ(purchases(b), (Texts{"7 10001 x3"}));
  EXPECT_EQ(reasons(b), (Texts{"2 return without an earlier purchase to take back", "4 return without an earlier purchase to take back",
                               "5 return without an earlier purchase to take back"}));
}

TEST("lines without a customer are kept as a visit of their invoice") {
  const Batch b = import(kHeader + line("500001,10001,CUP,3,2010-12-01 08:00:00,1,") + line("500001,10002,POT,1,2010-12-01 08:00:00,1,") +
                         line("C500002,10001,CUP,-3,2010-12-02 08:00:00,1,"));
  EXPECT_EQ(purchases(b), (Texts{"session:500001 10001 x3", "session:500001 10002 x1"}));
  EXPECT_TRUE(b.users.empty());
  EXPECT_EQ(reasons(b), (Texts{"4 return without an earlier purchase to take back"}));  // nobody knows whose cup it was
}

TEST("an exact repeat goes, a second line of the same item in one invoice is added up") {
  const Batch b = import(kHeader + line("500001,10001,CUP,3,2010-12-01 08:00:00,1,7") + line("500001,10001,CUP,3,2010-12-01 08:00:00,1,7") +
                         line("500001,10001,CUP,2,2010-12-01 08:00:00,1,7") + line("500001,10001,CUP,3,2010-12-01 08:00:00,0.9,7"));
  EXPECT_EQ(purchases(b), (Texts{"7 10001 x8"}));
  EXPECT_EQ(reasons(b), (Texts{"3 exact repeat of an earlier row: line 2"}));
  EXPECT_EQ(b.report.at("counts").at("lines_merged").as_integer(), 2);
}

TEST("fees, vouchers and discounts are no products, odd codes of products stay") {
  std::string text = kHeader;
  for (int i = 0; i < 60; ++i)
    text += line("500001," + std::to_string(10001 + i) + (i % 2 ? "A" : "") + ",THING " + std::to_string(i) + ",1,2010-12-01 08:00:00,1,7");
  text += line("500001,POST,POSTAGE,1,2010-12-01 08:00:00,18,7") + line("500001,M,Manual,1,2010-12-01 08:00:00,2,7") +
          line("500001,C2,CARRIAGE,1,2010-12-01 08:00:00,50,7") + line("500001,BANK CHARGES,Bank Charges,1,2010-12-01 08:00:00,15,7") +
          line("500001,gift_0001_20,Gift Voucher 20.00,1,2010-12-01 08:00:00,20,7") + line("500001,23444,Next Day Carriage,1,2010-12-01 08:00:00,15,7") +
          line("500001,DCGS0003,BOXED GLASS ASHTRAY,1,2010-12-01 08:00:00,2,7") + line("500001,DCGSSBOY,BOYS PARTY BAG,1,2010-12-01 08:00:00,3,7") +
          line("500001,23099,FRENCH CARRIAGE LANTERN,1,2010-12-01 08:00:00,3,7");
  const Batch b = import(text);
  EXPECT_EQ(b.events.size(), 63u);
  Texts fees;
  for (const Rejection& r : b.rejections) fees.push_back(r.reason);
  const std::string start = "fee or other entry that is no product: ";
  EXPECT_EQ(fees, (Texts{start + "POST", start + "M", start + "C2", start + "BANK CHARGES", start + "gift_0001_20", start + "23444"}));
}

TEST("the most frequent text on sold lines wins, the latest among equals; notes of the warehouse never") {
  const Batch b = import(kHeader + line("500001,10001,CUP RED,1,2010-12-01 08:00:00,1,7") + line("500002,10001,RED  CUP ,1,2010-12-02 08:00:00,1,8") +
                         line("500003,10001,damages,-9,2010-12-03 08:00:00,0,") + line("500004,10001,damages,-8,2010-12-03 08:00:00,0,") +
                         line("500005,10001,damages,-7,2010-12-03 08:00:00,0,") + line("500006,10001,found,4,2010-12-03 08:00:00,0,"));
  REQUIRE(b.items.size() == 1);
  EXPECT_EQ(b.items[0].text, "RED CUP");
  EXPECT_EQ(b.events.size(), 2u);
  EXPECT_EQ(reasons(b), (Texts{"4 correction of stock without customer and price", "5 correction of stock without customer and price",
                               "6 correction of stock without customer and price", "7 price is zero: a gift or a correction, not a purchase"}));
}

TEST("codes that differ in case and have one text are one product under the more frequent spelling") {
  const Batch b = import(kHeader + line("500001,85123A,HEART,1,2010-12-01 08:00:00,1,7") + line("500002,85123A,HEART,1,2010-12-02 08:00:00,1,8") +
                         line("500003,85123a,HEART,1,2010-12-03 08:00:00,1,9") + line("500003,85123b,BIRD,1,2010-12-03 08:00:00,1,9"));
  EXPECT_EQ(purchases(b), (Texts{"7 85123A x1", "8 85123A x1", "9 85123A x1", "9 85123b x1"}));
}

TEST("price is the median, country the most frequent") {
  const Batch b = import("Invoice;StockCode;Description;Quantity;InvoiceDate;Price;Customer ID;Country\n"
                         "1;10001;CUP;1;01/12/2010 08:26;1,50;7;France\n"
                         "2;10001;CUP;1;31/12/2010 08:26;2,00;7;Spain\n"
                         "3;10001;CUP;1;01/02/2011 08:26;9,75;7;Spain\n");
  REQUIRE(b.items.size() == 1);
  EXPECT_EQ(b.items[0].attributes.at("price").as_number(), 2.0);
  EXPECT_EQ(b.users[0].attributes.at("country").as_string(), "Spain");
  EXPECT_EQ(b.events[1].time_ms, 1293783960000);  // day first: 2010-12-31 08:26
}

TEST("the counts of the report add up to the rows of the file") {
  const Batch b = import(kHeader + line("500001,10001,CUP,3,2010-12-01 08:00:00,1,7") + line("500001,10001,CUP,3,2010-12-01 08:00:00,1,7") +
                         line("500001,10001,CUP,2,2010-12-01 08:00:00,1,7") + line("C500003,10001,CUP,-1,2010-12-03 08:00:00,1,7") +
                         line("500004,10001,CUP,x,2010-12-01 08:00:00,1,7") + line("500005,POSTAGE,POSTAGE,1,2010-12-01 08:00:00,1,7"));
  const Json& c = b.report.at("counts");
  EXPECT_EQ(c.at("rows").as_integer(), 6);
  EXPECT_EQ(c.at("events").as_integer() + c.at("rejected").as_integer() + c.at("lines_merged").as_integer() + c.at("returns_applied").as_integer(), 6);
}

TEST("the report leads from the purchases as they stand to those that remain") {
  const Batch b = import(kHeader + line("500001,10001,CUP,3,2010-12-01 08:00:00,1,7") + line("500001,10001,CUP,3,2010-12-01 08:00:00,1,7") +
                         line("500001,10001,CUP,2,2010-12-01 08:00:00,1,7") + line("500002,10002,POT,1,2010-12-01 08:00:00,1,7") +
                         line("C500003,10002,POT,-1,2010-12-03 08:00:00,1,7") + line("500004,POSTAGE,POSTAGE,1,2010-12-01 08:00:00,1,7") +
                         line("500005,10003,PAN,1,2010-12-01 08:00:00,1,") + line("500006,10004,LID,1,2010-12-01 08:00:00,0,8"));
  const Json& c = b.report.at("counts");
  EXPECT_EQ(c.at("before_purchase_rows").as_integer(), 5);  // all but the return, the visit and the gift
  EXPECT_EQ(c.at("before_customers").as_integer(), 1);
  EXPECT_EQ(c.at("before_products").as_integer(), 3);
  EXPECT_EQ(c.at("customer_purchases").as_integer(), 1);  // one repeat, one added up, one taken back, one fee
  EXPECT_EQ(c.at("customer_products").as_integer(), 1);
  EXPECT_EQ(b.report.at("sentences").as_array().at(5).as_string(),
            "of those, 1 are exact repeats, 1 fees, 1 were taken back, 1 added to another line; 1 remain, by 1 customers of 1 products");
}

TEST("without cleaning every line with a quantity above zero is an event") {
  const Batch b = import(kHeader + line("500001,POST,POSTAGE,1,2010-12-01 08:00:00,18,7") + line("500001,10001,CUP,3,2010-12-01 08:00:00,1,7") +
                             line("C500003,10001,CUP,-1,2010-12-03 08:00:00,1,7"),
                         {.clean = false});
  EXPECT_EQ(purchases(b), (Texts{"7 POST x1", "7 10001 x3"}));
}

}  // namespace
}  // namespace attune::data
