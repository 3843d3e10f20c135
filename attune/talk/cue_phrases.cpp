// Cue phrases: what people say, by what it means.
#include "attune/talk/cue_phrases.h"

namespace attune::talk {
namespace {

constexpr CueLine kLines[] = {
    // --- polarity and joining
    {{Cue::negation}, "not|no|non|without|aren't|weren't|wasn't|can't be|cannot be|can not be|must not be|mustn't be|except|except for|excluding|apart from|other than|anything but|everything but|but not|but no|and not|and no|nor|neither|"
                      "don't want|do not want|dont want|don't wanna|do not wanna|dont wanna|don't need|do not need|doesn't have|isn't|isnt|is not|not in|not by|not from|nothing|nothing with|nothing by|nothing from|no more|never|avoid|avoiding|rather not|not any|leave out|"
                      "don't show|do not show|don't show me|do not show me|"
                      "not from the|free of|"
                      "don't want any|do not want any|don't need any|stop showing me|stop showing|stop recommending|stop suggesting|enough of|no more of|"
                      "不要|不想要|别要|别给我|别|不需要|不含|不带|不是|除了|没有|无|非|排除|去掉|不想|不用|不选|不买|避免|不要再有|避开|别再给我看|别给我看|别再推荐|别推荐|别再推|别推|不要再推荐|不要再给我看|不要推荐|不看|不能是|不可以是|不得是|一定不能是|一定不要|一定别|绝对不要|绝对不能是|千万别|千万不要"},
    {{Cue::negation_after}, "is out|are out|is ugly|are ugly|looks ugly|is so ugly|is too ugly|is hideous|is a bit ugly|leaves me cold|does nothing for me|excluded|is a no|is a no go|is a no no|no go|no thanks|no way|forget it|is a pass|pass|isn't for me|is not for me|not for me|isn't my thing|is not my thing|is boring|are boring|is awful|are awful|is horrible|are horrible|is rubbish|are rubbish|not my style|not my taste|"
                            "不要|除外|以外|之外|不行|不想要|不考虑|就算了|不需要|算了|不看|不看了|不要了|就不要了|就不用了|不用|不用了|去掉|删掉|拿掉|排除|排除掉|别推荐|别推荐了|别推了|别推|不太喜欢|不喜欢|不爱|别给我看|都不要|都不行|都不喜欢|都不用|都别要|好丑|很丑|太丑|真丑|有点丑|丑死了|难看|好难看|没感觉|没兴趣|不合适"},
    {{Cue::dislike}, "i don't like|i do not like|i dont like|don't like|do not like|dont like|i hate|hate|i dislike|dislike|not a fan of|i'm not into|not into|can't stand|didn't like|did not like|"
                     "not fond of|less like|nothing like|unlike|不喜欢|讨厌|不爱|不太喜欢|受不了|反感|不中意"},
    {{Cue::like}, "i like|i love|i enjoyed|i enjoy|love|loved|liked|i really like|i really liked|i liked|i loved|my favourite is|my favorite is|fond of|i'm into|a fan of|big fan of|"
                  "我喜欢|喜欢|我爱|很喜欢|我很喜欢|中意|最喜欢|喜欢看|喜欢吃|挺喜欢"},
    {{Cue::take}, "i'll take|i will take|i take|i want to buy|i'd take|i'll buy|i choose|i pick|i'll have|i'll go with|let's go with|i would take|add to cart|buy|我要买|就要|就买|我买|我选|就选|就这个|下单|我就要"},
    {{Cue::similar_to}, "similar to|something like|like|anything like|more like|alike|in the style of|along the lines of|resembling|close to|closer to|reminds me of|same as|such as|as good as|"
                        "类似|像|跟|相似|差不多|类似于|跟着|相近"},
    {{Cue::but}, "but|however|though|yet|但|但是|不过|可是|只是|而是"},
    {{Cue::or_}, "or|either|或|或者|还是|或是"},
    {{Cue::and_}, "and|plus|with|、|和|与|以及|并且|而且|且"},
    {{Cue::also}, "also|too|as well|additionally|in addition|还要|也要|同时|另外|还有|再加"},
    {{Cue::than}, "than|than the|compared to|compared with|比|比起|相比"},
    {{Cue::than, Role::none, -1}, "没|不如|不及|不比"},
    {{Cue::request}, "i want|i need|i'd like|i would like|i'm looking for|looking for|i am looking for|show me|show|find me|find|give me|recommend|recommend me|suggest|search for|search|get me|can you recommend|could you recommend|"
                     "do you have|have you got|is there|are there|any|i'm after|i'm searching for|what do you have|got any|let's see|i search|"
                     "我想要|我要|想要|我想|我需要|推荐|买个|买点|买一个|挑个|选个|给我推荐|帮我推荐|推荐一下|推荐几个|推荐一些|找|帮我找|想找|我想找|我在找|给我|有没有|有|来点|来个|看看|想看|想买|要|求|请推荐|能不能推荐|可以推荐|有什么|要不要|要不要买|想要不要|在想要不要|我在想要不要|想不想|想不想要|最好是|最好能|最好|希望是"},
    {{Cue::instead}, "sorry meant|sorry, meant|oops meant|oops, meant|meant to say|sorry i mean|sorry i meant|sorry i meant to say|i meant to say|correction|instead|actually|rather|switch to|change to|now i want|now show me|this time|no wait|wait no|i meant|i mean|make that|make it|换成|改成|改为|换|那就|改看|不对|哦不|啊不|呃不|不不|说错了|打错了|写错了|我说错了|我打错了|口误|手滑|我是说|算了还是|算了,还是|算了,要|还是算了,要"},
    {{Cue::must}, "must|must be|must have|has to be|have to be|only|needs to be|必须|必须是|一定要|一定要有|只要"},
    {{Cue::pronoun}, "one|ones|something|anything|it|them|some|stuff|things|thing|items|item|products|product|something else|的东西|东西|商品|产品|那种|这种|一款|款"},
    // --- numbers
    {{Cue::below}, "under|below|less than|lower than|fewer than|beneath|sub|<|低于|少于|小于|不到"},
    {{Cue::at_most}, "i could stretch to|could stretch to|can stretch to|stretch to|at most|up to|no more than|not more than|maximum|max|within|not over|not above|no higher than|at the most|no longer than|not exceeding|limit|limit of|limit is|<=|= <|≤|≦|不超过|最多|不高于|至多|最高|不大于|不多于|不贵于|控制在|别超过|不要超过|不超|别超|绝不超过|绝对不超过|绝对不超|顶多|顶多出|顶多花|最多出|最多花|我最多出|撑死"},
    {{Cue::above}, "go past|going past|go beyond|going beyond|go over|going over|go above|going above|over|above|more than|higher than|greater than|exceeding|upwards of|>|高于|超过|大于|多于"},
    {{Cue::at_least}, "since|at least|no less than|not less than|minimum|min|starting at|starting from|not under|not below|>=|= >|≥|≧|至少|最少|不低于|不少于|最低|不小于"},
    {{Cue::between}, "between|from|ranging from|in the range of|in the range|从|介于|在"},
    {{Cue::to}, "to|and|up to|-|–|—|~|～|到|至|和"},
    {{Cue::around}, "around|about|roughly|approximately|circa|near|approx|some|大约|大概|差不多|约"},
    {{Cue::around, Role::none, 1}, "exactly|precisely|正好|刚好|恰好"},
    {{Cue::below_after}, "以下|之下"},
    {{Cue::at_most_after}, "or less|or under|or below|or cheaper|not a penny more|and not a penny more|not a cent more|max|maximum|at most|at the most|at the very most|tops|or fewer|or earlier|or older|or before|以内|之内|内|封顶|最多|一分都不多|一分钱都不多|一分不多|一分也不多|撑死"},
    {{Cue::above_after}, "以上的话|开外"},
    {{Cue::at_least_after}, "or more|or above|or higher|or over|and up|and above|or better|upwards|or later|or newer|or after|or more recent|onwards|onward|以上|起|及以上|plus|min|minimum|+"},
    {{Cue::around_after}, "or so|or thereabouts|or thereabout|thereabouts|give or take|more or less|ish|左右|上下|前后|来|多"},
    {{Cue::budget}, "my budget is|i only have|i have only got|i've only got|i only got|all i have is|all i've got is|budget|budget of|on a budget of|i can spend|i have|afford|can afford|spend|i've got|i got|got|have got|to spend|spend limit|spending limit|spend at most|预算|预算是|预算在|我只有|我就|兜里|兜里就|兜里只有|手头|手头就|手头只有|手里|手里只有|口袋里|口袋里只有|钱包里|就剩|只剩|只剩下|还剩|咬咬牙|花"},
    {{Cue::before}, "before|until|prior to|早于"},
    {{Cue::after}, "after|published after|released after|晚于"},
    {{Cue::before_after}, "年以前|以前|之前|年之前|年前"},
    {{Cue::after_after}, "年以后|以后|之后|年之后|后|年后"},
    {{Cue::decade}, "s|'s|年代"},
    {{Cue::currency, Role::price}, "£|$|€|¥|￥|pounds|pound|quid|dollars|dollar|euros|euro|bucks|usd|gbp|eur|rmb|cny|yuan|元|块|块钱|块人民币|人民币|镑|英镑|美元|欧元|元钱|p|pence|yen"},
    {{Cue::unit, Role::length}, "minutes|minute|min|mins|hours|hour|pages|page|分钟|小时|页|集"},
    {{Cue::unit, Role::year}, "年|bc|ad"},
    {{Cue::unit, Role::rating}, "stars|star|points|分|星|颗星"},
    {{Cue::unit, Role::weight}, "kg|g|grams|kilos|公斤|克|千克|斤"},
    {{Cue::unit, Role::size}, "cm|mm|inches|inch|ml|litres|liters|厘米|毫升|寸|升"},
    {{Cue::magnitude, Role::none, 1000}, "k|thousand|千"},
    {{Cue::magnitude, Role::none, 10000}, "万"},
    // --- comparatives; direction 2 stands for "in itself", without anything to compare with: cheap
    {{Cue::comparative, Role::price, -1}, "cheaper|less expensive|less costly|lower price|lower priced|lower in price|less pricey|more affordable|too expensive|too pricey|too dear|that's too expensive|it's too expensive|costs too much|cost less|costs less|a lower price|cost too much|too much|too steep|a bit steep|can't afford|cannot afford|out of my budget|over my budget|above my budget|over budget|out of my price range|"
                                          "更便宜|便宜点|便宜一点|还是贵|还是太贵|还是有点贵|还贵|贵了|贵了点|贵了些|便宜些|便宜一些|再便宜点|再便宜一点|更实惠|太贵|太贵了|价格更低|价格低一点|价格低点|价钱低一点|更低价|便宜|更平价|有点贵|有点小贵|小贵|偏贵|好贵|挺贵|这么贵|那么贵|超预算|超预算了|超出预算|买不起"},
    {{Cue::comparative, Role::price, -4}, "cheapest|the cheapest|lowest price|the lowest price|lowest priced|the lowest priced|least expensive|the least expensive|most affordable|the most affordable|最便宜|最便宜的|价格最低|价格最低的|最低价|最实惠|最实惠的"},
    {{Cue::comparative, Role::price, 4}, "most expensive|the most expensive|priciest|the priciest|dearest|the dearest|highest price|the highest price|highest priced|最贵|最贵的|价格最高|价格最高的"},
    {{Cue::comparative, Role::year, 4}, "newest|the newest|most recent|the most recent|latest|the latest|最新|最新的"},
    {{Cue::comparative, Role::year, -4}, "oldest|the oldest|earliest|the earliest|最老|最老的|最旧|最旧的|最早的"},
    {{Cue::comparative, Role::length, 4}, "longest|the longest|最长|最长的"},
    {{Cue::comparative, Role::length, -4}, "shortest|the shortest|briefest|the briefest|最短|最短的"},
    {{Cue::comparative, Role::rating, 4}, "highest rated|the highest rated|best rated|the best rated|best reviewed|the best reviewed|highest rating|the highest rating|评分最高|评分最高的|评价最高|评价最高的"},
    {{Cue::comparative, Role::size, 4}, "biggest|the biggest|largest|the largest|最大|最大的"},
    {{Cue::comparative, Role::size, -4}, "smallest|the smallest|tiniest|最小|最小的"},
    {{Cue::comparative, Role::weight, 4}, "heaviest|the heaviest|最重|最重的"},
    {{Cue::comparative, Role::weight, -4}, "lightest|the lightest|最轻|最轻的"},
    {{Cue::comparative, Role::popularity, 4}, "most popular|the most popular|best selling|the best selling|最受欢迎|最受欢迎的|最热门|最热门的|最火|卖得最好|卖得最好的"},
    {{Cue::comparative, Role::price, -2}, "cheap|inexpensive|affordable|budget friendly|low priced|not expensive|not too expensive|not pricey|good value|on a budget|for little money|实惠|平价|不贵|不太贵|不要太贵|便宜的|别太贵|性价比高|低价"},
    {{Cue::comparative, Role::price, 1}, "more expensive|pricier|dearer|fancier|more upmarket|higher price|higher priced|more luxurious|too cheap|更贵|贵一点|贵点|贵一些|高档一点|更高档|太便宜|太便宜了|价格高一点|价格更高"},
    {{Cue::comparative, Role::price, 0}, "similar price|a similar price|similarly priced|same price|the same price|same price range|the same price range|similar price range|price like|around the same price|about the same price|"
                                         "差不多价钱|差不多的价钱|差不多价格|差不多的价格|价位差不多|价格差不多|价钱差不多|同价位|同样价位|价格相近|价格相当"},
    {{Cue::comparative, Role::price, 3}, "as expensive as|as expensive|as pricey as|as pricey|as dear as|so expensive|that expensive"},
    {{Cue::comparative, Role::year, -3}, "as old as|as old|so old|that old"},
    {{Cue::comparative, Role::year, 3}, "as new as|as new|as recent as|as modern as"},
    {{Cue::comparative, Role::price, 2}, "expensive|luxury|luxurious|premium|high end|upmarket|高档|奢华|高端|豪华|贵的"},
    {{Cue::comparative, Role::year, 1}, "newer|more recent|more modern|later|too old|更新|新一点|新一些|新点|更近|太旧|太老|还是旧|还是老|旧了点|老了点|更现代|更晚|这么旧|这么老|那么旧|那么老|有点旧|有点老"},
    {{Cue::comparative, Role::year, 2}, "recent|modern|contemporary|近期|最近的|新书|现代"},
    {{Cue::comparative, Role::year, -1}, "older|earlier|more classic|too new|too modern|更旧|更老|更早|老一点|旧一点|早一点|太新|更久|年代更久|年代久|更久远|久一点"},
    {{Cue::comparative, Role::year, -2}, "old|classic|vintage age|old fashioned|早期|经典|老的"},
    {{Cue::comparative, Role::length, 1}, "longer|too short|更长|长一点|长一些|长点|太短"},
    {{Cue::comparative, Role::length, 2}, "long|很长"},
    {{Cue::comparative, Role::length, -1}, "shorter|briefer|quicker|too long|更短|短一点|短一些|短点|太长"},
    {{Cue::comparative, Role::length, -2}, "short|brief|quick|短的|简短"},
    {{Cue::comparative, Role::rating, 1}, "better|better rated|higher rated|better reviewed|better reviews|higher rating|better rating|a better rating|a higher rating|更好|评分更高|评分高一点|评价更好|好一点|好一些|口碑更好|质量更好|评分高点"},
    {{Cue::comparative, Role::rating, 2}, "highly rated|well rated|top rated|well reviewed|best|good reviews|great reviews|good ratings|good rating|high ratings|high rating|great ratings|great rating|good scores|评分高|口碑好|好评|评价好|高分|最好的"},
    {{Cue::comparative, Role::size, 1}, "bigger|larger|too small|roomier|更大|大一点|大一些|大点|太小"},
    {{Cue::comparative, Role::size, -1}, "smaller|tinier|too big|too large|更小|小一点|小一些|小点|太大"},
    {{Cue::comparative, Role::weight, 1}, "heavier|too light|更重|重一点"},
    {{Cue::comparative, Role::weight, -1}, "lighter|too heavy|更轻|轻一点|轻一些|太重"},
    {{Cue::comparative, Role::popularity, 1}, "more popular|better known|more famous|更热门|更受欢迎|更流行|更有名|热门一点"},
    {{Cue::comparative, Role::popularity, 2}, "popular|famous|well known|bestseller|bestsellers|trending|热门|受欢迎|流行|畅销|有名|热销"},
    {{Cue::comparative, Role::popularity, -1}, "less popular|less known|more obscure|less mainstream|更小众|小众一点|冷门一点|更冷门"},
    {{Cue::comparative, Role::popularity, -2}, "obscure|niche|hidden gem|hidden gems|小众|冷门"},
    {{Cue::more, Role::none, 1}, "more|higher|greater|a higher|a greater|高的|多的|更高|更多|高一点|多一点|高点|多点|高一些|多一些|较高"},
    {{Cue::less, Role::none, -1}, "less|lower|fewer|a lower|低的|少的|更低|更少|低一点|少一点|低点|少点|低一些|少一些|较低"},
    {{Cue::slightly}, "a bit|a little|slightly|much|far|way|even|somewhat|a lot|considerably|稍微|略|一点|一些|再|还要更|更加|更"},
    // --- which item
    {{Cue::ordinal, Role::none, 1}, "first|first one|the first|1st|number one|number 1|no 1|#1|# 1|option 1|item 1|the top one|第一个|第1个|第一款|第一本|第一家|第一件|第一部|第一|第一项|头一个|1号|一号|第1款|第1本|第1家"},
    {{Cue::ordinal, Role::none, 2}, "second|second one|the second|2nd|number two|number 2|no 2|#2|# 2|option 2|item 2|第二个|第2个|第二款|第二本|第二家|第二件|第二部|第二|第二项|2号|二号|第2款|第2本|第2家"},
    {{Cue::ordinal, Role::none, 3}, "third|third one|the third|3rd|number three|number 3|no 3|#3|# 3|option 3|item 3|第三个|第3个|第三款|第三本|第三家|第三件|第三部|第三|第三项|3号|三号|第3款|第3本|第3家"},
    {{Cue::ordinal, Role::none, 4}, "fourth|fourth one|the fourth|4th|number four|number 4|no 4|#4|# 4|option 4|item 4|第四个|第4个|第四款|第四本|第四家|第四件|第四部|第四|第四项|4号|四号"},
    {{Cue::ordinal, Role::none, 5}, "fifth|fifth one|the fifth|5th|number five|number 5|no 5|#5|# 5|option 5|item 5|第五个|第5个|第五款|第五本|第五家|第五件|第五部|第五|第五项|5号|五号"},
    {{Cue::ordinal, Role::none, 6}, "sixth|sixth one|6th|number six|number 6|#6|第六个|第6个|第六"},
    {{Cue::ordinal, Role::none, 7}, "seventh|seventh one|7th|number seven|number 7|#7|第七个|第7个|第七"},
    {{Cue::ordinal, Role::none, 8}, "eighth|eighth one|8th|number eight|number 8|#8|第八个|第8个|第八"},
    {{Cue::ordinal, Role::none, 9}, "ninth|ninth one|9th|number nine|number 9|#9|第九个|第9个|第九"},
    {{Cue::ordinal, Role::none, 10}, "tenth|tenth one|10th|number ten|number 10|#10|第十个|第10个|第十"},
    {{Cue::last}, "last one|the last|the last one|the bottom one|最后一个|最后一款|最后那个|最后一本|最后一家"},
    {{Cue::this_one}, "this one|that one|this|that|it's|its|这个|那个|这款|那款|这本|那本|这家|那家|它|这部|那部|这件"},
    {{Cue::these}, "these|those|all of them|all of these|them all|any of these|both|这些|那些|它们|都"},
    {{Cue::other}, "the others|others|other ones"},
    // --- which attribute (by role; names of the catalogue's own attributes are found by the lexicon)
    {{Cue::attribute, Role::price}, "price|prices|cost|costs|how much|how much is|how much does|how much are|what does it cost|pricing|多少钱|价格|价钱|什么价|几块钱|价位|多贵"},
    {{Cue::attribute, Role::year}, "how old|when was|what year|which year|year|release date|published|publication|哪年|哪一年|什么时候|年份|几几年|出版时间"},
    {{Cue::attribute, Role::length}, "how long|how many pages|duration|runtime|length|number of pages|多长|多少页|时长|几页|多长时间"},
    {{Cue::attribute, Role::rating}, "rating|ratings|rated|reviews|how good|how many stars|score|评分|评价|几分|多少分|口碑|几颗星"},
    {{Cue::attribute, Role::size}, "how big|how large|what size|size|dimensions|多大|尺寸|大小"},
    {{Cue::attribute, Role::weight}, "how heavy|weight|多重|重量"},
    {{Cue::attribute, Role::popularity}, "how popular|popularity|how many people|热度|多少人|人气"},
    {{Cue::attribute, Role::maker}, "who wrote|who is the author|who made|who makes|which brand|what brand|who directed|who is it by|author|authors|brand|maker|谁写的|作者|什么牌子|哪个牌子|品牌|牌子|哪个品牌|导演是谁"},
    {{Cue::attribute, Role::kind}, "what kind|which genre|what genre|genre|genres|category|what category|type|什么类型|哪一类|类型|种类|类别|题材"},
    {{Cue::attribute, Role::colour}, "what colour|what color|colour|color|colours|colors|什么颜色|颜色"},
    {{Cue::attribute, Role::place}, "where is|where|address|location|在哪|在哪里|地址|地点|位置|哪里"},
    // --- acts
    {{Cue::undo}, "undo|/undo|go back|take that back|scratch that|i take it back|revert|back up|撤销|撤回|取消上一步|上一步|回退|收回|返回上一步"},
    {{Cue::reset}, "begin again|begin anew|start afresh|start anew|start over|/reset|/new|start again|reset|forget everything|clear everything|from scratch|new search|forget it all|重新开始|从头开始|全部清空|清空|重来|全都不要了|重新找|重新选|重新搜|重新挑|都不算数|全都不算数|全都不算|前面的不算|前面的都不算|前面说的不算|前面说的都不算|刚才的不算|之前的不算|都不算,重新来|全作废|全部作废|都作废"},
    {{Cue::more_items}, "more|show me more|more please|show more|next|next page|more options|more results|something else|anything else|what else|others|other options|different ones|other ones|some others|show me others|show me other|another|another one|keep going|more suggestions|"
                        "更多|还有吗|还有啥|还有没有|还有别的|有别的吗|还有别的吗|还有其他的吗|换一批|再来几个|再来一些|下一页|别的|其他的|其它的|换几个|再看看|再推荐|再推荐几个|再来点|还有什么|其他"},
    {{Cue::explain}, "why|/why|/explain|explain|how come|why this|why that|why did you recommend|why do you recommend|what makes you|reason|reasons|how did you choose|为什么|为何|理由|为什么推荐|怎么推荐|凭什么|原因|说说理由|解释"},
    {{Cue::why_not}, "why not|why isn't|why aren't|why is there no|why didn't you recommend|why don't you recommend|why wasn't|why was there no|what about|how about|why no|为什么不|为什么没有|怎么没有|为什么不推荐|为什么没推荐|怎么不推荐|为何不|为何没有"},
    {{Cue::compare}, "compare|difference between|differences between|what's the difference|what is the difference|vs|versus|which is better|which one is better|which is cheaper|how do they compare|compare them|or the|比较|对比|区别|哪个更好|哪个好|有什么不同|差别|不同之处|比一比|有什么区别"},
    {{Cue::ask}, "what is|what's|what are|is it|is the|does it|does the|is|are|does|do|can|who|when|how|tell me|what|which|是什么|吗|是不是|什么|多少|怎么样|如何|哪个"},
    {{Cue::about_item}, "tell me about|tell me more about|more about|details|details of|more details|information about|what do you know about|describe|more info|info on|介绍一下|介绍|详细|详情|说说|具体|细节|了解一下"},
    {{Cue::withdraw, Role::price}, "money is no object|price is no object|cost is no object|don't care what it costs|don't mind what it costs|don't care how much it costs|don't care how much|whatever it costs|whatever the cost|no matter the price|no matter what it costs|i don't care what it costs|i don't mind what it costs|i don't care how much it costs|i don't care how much|i don't care about the price|i don't care about price|"
                                   "钱不是问题|多少钱都行|多少钱都可以|不差钱|价格不是问题|贵点没关系|贵一点没关系"},
    {{Cue::withdraw}, "never mind|nevermind|never mind the|ignore|lift|relax|loosen|give up|let go of|don't care about|do not care about|i don't care about|don't mind|any|no limit on|regardless of|whatever|doesn't have to be|does not have to be|doesn't need to be|does not need to be|don't have to be|needn't be|not necessarily|no need for|"
                      "不管|不限|不考虑|别管|忽略|不在乎|不在意|去掉限制|不挑|不讲究|不一定|不一定要|不一定非要|不一定是|不必|不必是|放宽|放开|放弃|放松|不要求"},
    {{Cue::withdraw, Role::none, 1}, "forget|forget about|forget the|drop|drop the|remove|remove the|scrap|scrap the|ditch|ditch the|lose the|skip|skip the|instead of|去掉|取消|不用|不看|不用要"},
    {{Cue::keep}, "keep|keep the|bring back|bring back the|stick to the|stick with the|保留|恢复|沿用"},
    {{Cue::withdraw_after}, "may go|can go|could go|should go|may be dropped|can be dropped|may be relaxed|can be relaxed|is optional|is flexible|doesn't matter|does not matter|don't matter|is not important|isn't important|is irrelevant|is fine|are fine|no longer matters|works|will do|would do|is no object|无所谓|不重要|都可以|都行|不限|随便|没关系|不用管|不限制|没要求|不管了|不限了|不看了|不重要了|限制去掉|限制取消|的限制去掉|限制不要了|去掉|取消|取消掉|放宽|可以放宽|可以放开|可以不要|可以不要了|可以去掉|可以取消|可以不限|可以不管|可以放弃|放宽一点|放宽吧"},
    {{Cue::permit}, "don't mind|i don't mind|i do not mind|i wouldn't mind|do not mind|wouldn't mind|can show me|you can show me|ok with|okay with|fine with|happy with|可以看看|也可以看看|可以考虑|能接受|可以接受"},
    {{Cue::permit_after}, "is fine|are fine|is ok|is okay|are ok|is fine too|are fine too|is ok too|is okay too|are ok too|is alright|again|too|as well|is fine after all|is ok after all|都可以|都行|也行|也可以|也行吧|也可以吧|也ok|其实也可以|其实也行|也没问题|也能接受"},
    {{Cue::age}, "- year - old|year old|year olds|years old|years of age|yr old|yrs old|month old|months old|岁"},
    {{Cue::reject_all}, "none of these|none of them|none of those|boring|meh|not impressed|not interested|not these|i don't like any of these|i don't like any of them|i don't like these|don't like these|i don't like them|bad suggestions|these are bad|none|都不要|都不喜欢|都不好|没有喜欢的|一个都不喜欢|都不行|不合适|都不合适|这些不行|这些都不喜欢|不好看|都不好看|没意思|无聊|太丑了|没兴趣|不感兴趣|都一般|一般般"},
    {{Cue::greet}, "hi|hello|hey|good morning|good evening|good afternoon|hiya|greetings|hi there|hello there|你好|您好|嗨|早上好|晚上好|下午好|哈喽|在吗"},
    {{Cue::thanks}, "thanks|thank you|thx|cheers|thank you very much|thanks a lot|much appreciated|great thanks|谢谢|十分感谢|非常感谢|万分感谢|感激不尽|多谢|感谢|谢了|谢谢你|谢谢您"},
    {{Cue::bye}, "bye|goodbye|see you|good bye|that's all|that is all|i'm done|quit|exit|just looking|maybe later|not today|i'm good|再见|拜拜|不买了|算了不买了|先不买了|下次再说|先这样|没事了|就这样|就这些|下次见"},
    {{Cue::help}, "help|/help|what can you do|what can i say|how does this work|how do i use this|帮助|你能做什么|怎么用|你会什么|怎么使用|你能干什么"},
    // direction 1: of service whatever else the message says ("return the blue bag I bought")
    {{Cue::service, Role::none, 1}, "my order|my orders|track my order|track my parcel|where is my order|where's my order|where is my parcel|where is my package|my parcel|my package|my delivery|order status|cancel my order|cancel the order|return policy|"
                                    "return this|return it|return an item|return my|return them|returning this|how do i return|how can i return|can i return|want to return|like to return|need to return|send it back|send this back|exchange this|exchange it|"
                                    "my refund|a refund|money back|has not arrived|hasn't arrived|not arrived yet|arrived broken|arrived damaged|my invoice|delivery address|shipping address|my password|speak to a person|talk to a person|speak to someone|talk to someone|real person|"
                                    "退货|退款|退换货|换货|怎么退|我的订单|取消订单|我的包裹|我的快递|查物流|查快递|订单到哪|订单在哪|没收到货|还没收到|收货地址|订单号|转人工|人工客服|开发票"},
    {{Cue::service}, "human|agent|customer service|representative|refund|delivery|shipping|complaint|invoice|warranty|operator|"
                     "人工|客服|真人|发货|物流|快递|投诉|售后|保修|发票|找人"},
    {{Cue::yes}, "yes|yeah|yep|sure|ok|okay|of course|please do|sounds good|go ahead|right|correct|是|是的|好|好的|对|可以|行|行不行|可不可以|可以吗|好不好|好吗|行吗|成吗|嗯|当然|没错"},
    {{Cue::no}, "nope|nah|no thanks|no thank you|not really|不|不了|不是的|没有了|不用了|算了"},
    {{Cue::any}, "i don't know|don't know|no idea|no preference|doesn't matter|does not matter|don't care|i don't care|i don't mind|whatever|either is fine|any is fine|up to you|you choose|surprise me|not sure|anything|随便|都可以|都行|无所谓|不知道|你定|看着办|都好|没要求|没有要求|你决定"},
};

constexpr std::string_view kFillers =
    "a|an|the|i|me|my|you|your|we|us|our|he|she|they|their|he's|of|for|in|on|at|by|as|be|been|am|was|were|i'm|i've|i'd|i'll|it|is|are|do|does|did|have|has|had|can|could|would|should|will|shall|may|might|must|please|just|so|then|there|here|very|really|quite|"
    "that|which|who|whom|what|when|where|how|if|into|onto|up|down|out|off|again|ever|get|got|go|let|let's|see|look|looking|try|maybe|perhaps|kind|sort|type|bit|lot|lots|well|now|today|good|nice|great|right|want|wanted|wants|need|needs|like|likes|prefer|preferably|would|"
    "sorry|wanna|gonna|gotta|lemme|gimme|sth|smth|lol|haha|hahaha|wow|omg|ugh|hmmm|erm|umm|btw|pls|plz|tho|hmm|um|uh|oh|ah|well|hey|also|too|something|anything|someone|somebody|people|person|one|ones|thing|things|new|all|each|every|both|few|some|this|these|those|them|its|been|being|made|make|makes|buy|give|set|find|know|think|thinking|guess|feel|came|come|with|from|to|than|and|or|but|not|about|s|t|price|priced|cost|costing|"
    "recommendation|recommendations|suggestion|suggestions|idea|ideas|option|options|list|product|products|item|items|"
    "的|了|吗|呢|吧|啊|呀|嘛|我|你|您|他|她|它|们|是|在|有|和|与|就|都|也|还|很|太|请|个|些|点|要|想|给|能|可|以|会|把|被|让|用|对|那|这|哪|什|么|怎|样|几|一|下|来|去|看|买|找|帮|推|荐|款|件|种|类|家|本|部|只|呗|哦|嗯|哈|吃|东|西|得|地|着|过|里面|之间|需|欢|喜";

}  // namespace

std::span<const CueLine> cue_lines() { return kLines; }
std::string_view filler_phrases() { return kFillers; }

}  // namespace attune::talk
