// Ordinary words: the list, written for this project: family, feelings, everyday verbs and adjectives, what one buys and for what.
#include "attune/talk/ordinary_words.h"

#include <algorithm>
#include <string>
#include <unordered_set>

namespace attune::talk {
namespace {

constexpr std::string_view kOrdinary =
    "mother|father|mum|mom|dad|mummy|daddy|wife|husband|brother|sister|uncle|aunt|auntie|nephew|niece|cousin|grandma|grandpa|granny|grandmother|grandfather|grandson|daughter|son|child|children|kid|baby|babies|boy|girl|man|men|woman|women|lady|"
    "ladies|friend|boyfriend|girlfriend|fiance|partner|parent|boss|teacher|nurse|doctor|student|colleague|neighbour|neighbor|guest|family|folks|teen|teenager|adult|toddler|infant|bride|groom|couple|"
    "wish|wishes|sale|sales|sell|sold|save|safe|deal|cash|card|gift|present|treat|prize|party|wedding|birthday|christmas|easter|holiday|summer|winter|spring|autumn|season|morning|evening|night|noon|week|month|year|weekend|tomorrow|yesterday|"
    "bright|brighter|brightest|dark|darker|dull|light|heavy|soft|hard|warm|cool|cold|hot|wet|dry|clean|dirty|fresh|sweet|sour|salty|bitter|spicy|loud|quiet|fast|slow|quick|early|late|young|old|wide|narrow|thin|thick|long|short|tall|deep|flat|"
    "round|square|sharp|blunt|smooth|rough|strong|weak|tough|tight|loose|rich|poor|full|empty|open|close|near|far|real|fake|true|false|same|other|rare|common|simple|plain|fancy|fun|funny|silly|crazy|weird|strange|odd|wild|calm|cosy|cozy|cute|"
    "pretty|ugly|lovely|nasty|scary|happy|sad|angry|tired|bored|lonely|proud|brave|kind|mean|gentle|polite|rude|smart|clever|stupid|lazy|busy|free|ready|sure|able|fair|fine|whole|half|extra|main|usual|unusual|special|perfect|awful|terrible|"
    "amazing|awesome|brilliant|decent|proper|modern|ancient|classic|vintage|trendy|stylish|elegant|casual|formal|sporty|comfy|comfortable|useful|useless|handy|sturdy|fragile|"
    "walk|talk|read|write|draw|paint|sing|dance|play|cook|bake|boil|fry|grill|roast|eat|drink|sleep|wake|wash|wear|carry|hold|keep|lose|lost|find|found|break|broke|broken|fix|mend|build|cut|chop|sew|knit|grow|plant|dig|ride|drive|sail|swim|"
    "climb|jump|run|race|hike|camp|fish|hunt|travel|visit|stay|leave|left|move|turn|push|pull|lift|drop|throw|catch|kick|hit|win|learn|teach|study|work|rest|relax|enjoy|hope|love|hate|miss|need|care|help|share|send|sent|bring|brought|take|"
    "took|taken|give|gave|given|pay|paid|spend|spent|charge|order|ship|post|mail|call|phone|text|chat|ask|answer|tell|told|said|speak|spoke|hear|heard|listen|watch|smell|taste|touch|feel|felt|seem|become|begin|start|stop|end|finish|wait|"
    "hurry|rush|change|choose|chose|pick|match|suit|fit|hang|hide|cover|open|shut|lock|fill|pour|mix|stir|burn|melt|freeze|glow|shine|ring|beep|shake|spin|roll|fold|wrap|tie|pin|glue|stick|stand|lean|lie|fall|fell|rise|sink|float|last|"
    "house|home|room|kitchen|bath|bathroom|bedroom|lounge|hall|office|desk|table|chair|sofa|couch|shelf|door|floor|wall|roof|garden|yard|porch|shed|garage|street|road|town|city|village|shop|store|school|church|hotel|beach|lake|river|sea|"
    "forest|hill|mountain|park|farm|field|water|fire|wind|rain|snow|sun|moon|star|stars|sky|cloud|earth|stone|rock|sand|wood|tree|leaf|grass|flower|rose|fruit|apple|lemon|bread|cake|cheese|meat|rice|soup|salad|sauce|sugar|salt|honey|milk|"
    "coffee|juice|wine|beer|dinner|lunch|breakfast|snack|meal|dish|plate|bowl|cup|glass|fork|knife|spoon|oven|stove|fridge|horse|sheep|cow|bird|duck|goose|fox|wolf|bear|lion|tiger|mouse|rabbit|snake|frog|dog|cat|puppy|kitten|pet|pets|"
    "shirt|skirt|dress|coat|jacket|jeans|trousers|pants|shorts|socks|shoes|boots|hat|cap|glove|gloves|belt|tie|ring|watch|purse|wallet|bag|case|trunk|suit|hair|face|head|hand|hands|foot|feet|nose|mouth|ears|eyes|neck|back|skin|heart|"
    "book|page|story|novel|poem|movie|film|song|music|game|toy|doll|ball|bike|boat|car|train|plane|truck|tool|nail|screw|hammer|rope|wire|tape|paper|pencil|brush|soap|towel|blanket|pillow|sheet|candle|lamp|mirror|clock|picture|frame|"
    "cable|battery|screen|laptop|tablet|camera|radio|speaker|printer|mouse|keyboard|internet|wifi|email|website|password|"
    "about|above|across|after|again|almost|alone|along|already|although|always|among|around|away|because|before|behind|below|beside|between|beyond|during|either|else|enough|even|every|exactly|finally|first|forever|here|however|inside|"
    "instead|later|least|lately|maybe|mostly|much|never|nearly|next|nobody|often|once|outside|over|perhaps|quite|rather|since|some|soon|still|such|sometimes|somewhere|therefore|though|through|together|totally|completely|toward|under|until|"
    "usually|while|within|without|yet|your|yours|mine|hers|theirs|ours|where|whose|while|with|wise|word|words|world|worth|worry|wrong|life|like|line|lines|list|live|luck|lucky|mind|mess|name|news|note|noise|number|part|pair|pack|piece|place|"
    "plan|plus|point|power|price|quality|question|reason|result|right|rule|sense|shape|side|sign|size|skill|sort|sound|space|speed|style|surprise|team|thing|think|thought|time|trip|trouble|truth|type|value|view|voice|waste|weather|weight|"
    "stuff|gear|hobby|hobbies|retire|retired|retirement|graduate|graduation|anniversary|valentine|memory|idea|joke|dream|secret|basket|cart|budget|money|dollar|dollars|pound|pounds|euro|euros|quid|cent|cents|hundred|thousand|"
    "looks|many|most|best|better|worse|worst|less|more|only|both|also|just|seven|eight|nine|three|four|five|dear|damn|shoot|okay|nope|yeah|sorry|please|hello|thanks|welcome|goodbye";

// 最 and the like stand inside words (最爱): alone or as the whole piece they say nothing.
constexpr std::string_view kLittle =
    "most|many|much|two|three|best|better|looks|look|exactly|really|totally|completely|add|basket|cart|same|other|others|only|just|even|still|always|never|ever|with|without|about|around|almost|maybe|absolutely|definitely|"
    "actually|basically|literally|simply|somehow|first|last|next|whole|half|various|several|any|because|while|since|though|ok|okay|thanks|hello|wish|hope|love|"
    "最|条|张|只|双|把|盏|支|枝|顶|瓶|盒|套|副|块|位|间|本|笨|又|更|太|特别|非常|比较|一些|一点|那种|这种|什么|怎么|好的|有点|适合|一般|感觉|觉得|而且|并且|但是|不过|最好|最多|两个|几个|所有|其他|东西";

std::unordered_set<std::string_view> split(std::string_view bars) {
  std::unordered_set<std::string_view> words;
  for (std::size_t at = 0; at < bars.size();) {
    const std::size_t end = std::min(bars.find('|', at), bars.size());
    words.insert(bars.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

}  // namespace

bool is_ordinary_word(std::string_view word) {
  static const auto words = split(kOrdinary);
  if (words.contains(word)) return true;
  for (const std::string_view ending : {"s", "es", "er", "ers", "est", "ing", "ed", "ly", "y", "ier", "iest", "'s"}) {
    if (!word.ends_with(ending) || word.size() < ending.size() + 3) continue;
    const std::string stem(word.substr(0, word.size() - ending.size()));
    if (words.contains(stem) || words.contains(stem + "e") || words.contains(stem + "y")) return true;
    if (stem.size() > 3 && stem.back() == stem[stem.size() - 2] && words.contains(stem.substr(0, stem.size() - 1))) return true;
  }
  return false;
}

bool says_little(std::string_view word) {
  static const auto words = split(kLittle);
  return words.contains(word);
}

}  // namespace attune::talk
