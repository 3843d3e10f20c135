// Other subject: which questions are not answered by what is known of another.
#include "attune/talk/desk/other_subject.h"

#include <string>

#include "tests/support/test.h"

using attune::talk::desk::is_about_another;

TEST("France and Germany are not told what holds for Ireland") {
  const std::string question = "Do you ship to Ireland?", all = question + " Yes, we ship to Ireland for 12 pounds.";
  for (const char* message : {"do you ship to France?", "or to Germany?", "do you ship to france", "DO YOU SHIP TO FRANCE?"}) EXPECT_TRUE(is_about_another(message, question, all)) << message;
  for (const char* message : {"do you ship to Ireland?", "do you ship to ireland", "can you send it to my house in Ireland?", "do you deliver abroad?", "I am Ana, do you ship to Ireland?", "", "\xff\xfe"})
    EXPECT_FALSE(is_about_another(message, question, all)) << message;
  EXPECT_FALSE(is_about_another("do you ship to France?", "Do you ship to Ireland?", all + " And to France."));
}

TEST("德国 is not told what 爱尔兰 costs, nor 保修 the rule for returns") {
  EXPECT_TRUE(is_about_another("可以寄到德国吗", "寄到爱尔兰多少钱？", "寄到爱尔兰多少钱？12镑。"));
  EXPECT_FALSE(is_about_another("寄到爱尔兰贵吗", "寄到爱尔兰多少钱？", "寄到爱尔兰多少钱？12镑。"));
  EXPECT_TRUE(is_about_another("保修多久", "退货期限是多久？", "退货期限是多久？30天内可以退货。"));
  EXPECT_FALSE(is_about_another("退货多久", "退货期限是多久？", "退货期限是多久？30天内可以退货。"));
  EXPECT_FALSE(is_about_another("几点开门", "营业时间是什么时候", "营业时间是什么时候 九点到五点"));
}
