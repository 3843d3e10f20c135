// Han sounds: which characters sound alike, so that 偏宜 is read as 便宜; which are written in two ways, so that 紅 is read as 红.
// The commonest characters of talk about goods, by syllable without tone; z and zh, an and ang and the like count as one, as many say and type them.
#include "attune/talk/han_sounds.h"

#include <algorithm>
#include <unordered_map>

namespace attune::talk {
namespace {

constexpr std::size_t kMostKeys = 8;

constexpr std::string_view kSounds =
    "a阿啊 ai爱矮哎唉哀碍 an安按暗岸俺 ao奥傲熬袄 ba吧把八爸罢拔巴霸疤 bai百白摆败拜柏 ban半办版班般板搬伴扮斑拌邦帮棒傍绑 bao包报抱宝保薄饱爆暴胞豹 bei被杯背北贝备倍辈悲碑卑 ben本奔笨 ben崩绷 bi比笔必毕币闭避壁鼻彼碧蔽 "
    "bian边变便遍编辨辩鞭扁 biao表标彪 bie别憋 bin宾滨冰兵病并饼丙柄 bo波播伯博拨玻剥脖勃 bu不步布部补捕怖簿 ca擦 cai才菜采彩材财猜裁 can参餐残惨灿苍藏仓舱 cao草操曹槽 ce册测侧策厕 cen层曾 ci次此词磁刺瓷辞慈 cong从聪葱 cu粗醋 cui催脆翠 cun村存寸 cuo错措 "
    "ca茶查差察插叉 cai拆柴 can产铲颤缠长常场唱厂尝肠畅昌 cao吵超抄潮朝 ce车彻 cen陈沉晨尘衬辰成城程称诚承乘盛撑 ci吃迟尺齿持池赤翅 cong冲充虫重崇宠 cou抽愁丑臭 cu出除初处楚触厨础 cuan穿船传川床窗创闯 cui吹垂 cun春纯唇蠢 "
    "da大打达答搭 dai带代待袋戴呆贷 dan单但蛋淡担胆丹当党档挡荡 dao到道刀岛倒导稻 de的得地德 den等灯登邓 di地第低底弟敌递抵帝滴 dian点电店典垫殿颠淀 diao掉调吊钓雕 die叠爹跌碟蝶 din定订顶丁钉盯 diu丢 don东冬动洞懂冻 dou都斗豆抖 du读度肚独毒堵赌渡镀 duan短段断端锻 dui对队堆 dun顿吨蹲盾 duo多朵夺躲 "
    "e饿额鹅恶俄 en恩 er二儿而耳尔 fa发法罚乏 fan饭反翻番烦犯凡繁范方房放防访仿芳 fei飞非费肥肺废 fen分份粉纷坟奋风封丰疯峰冯缝逢 fo佛 fu服夫父付福富府负复附副扶浮幅腐 "
    "ga嘎 gai该改盖概 gan干敢感赶甘肝刚钢港岗缸 gao高告稿搞糕 ge个各哥歌格革隔割鸽阁 gei给 gen跟根更耕梗 gon工公共功供弓宫攻巩 gou够狗购沟构钩 gu古故姑骨固股顾谷鼓估 gua挂瓜刮卦 guai怪拐乖 guan关管官馆惯冠贯光广逛 gui贵鬼归规柜轨桂跪 gun滚棍 guo国过果锅裹 "
    "ha哈 hai还海害孩 han寒喊汉含韩汗旱行航 hao好号毫豪浩耗 he和合喝河何盒贺荷核 hei黑嘿 hen很狠恨横衡哼 hon红洪虹宏鸿轰哄烘 hou后候厚猴吼 hu户湖护虎呼忽胡互壶糊 hua花话画化华划滑 huai坏怀淮 huan换欢还环幻患唤缓黄皇慌晃谎煌 hui会回灰汇惠毁绘慧辉挥悔 hun婚混昏魂 huo或活火货获伙祸 "
    "ji几机及级记计己季急极集鸡技际积基既继纪寄挤迹击 jia家加价假架甲佳夹嘉驾嫁 jian见件间建简减剪坚尖检健渐践键将讲江奖降姜酱匠 jiao交叫教脚角较焦骄胶娇 jie接节街界借姐结解阶届介戒截 jin进近今金紧尽仅劲禁锦斤经精井京静镜景净惊竞境晶茎睛 jiu就九久旧酒救究 ju局举句巨具剧居据聚菊橘 juan卷捐倦 jue觉决绝 jun军均君 "
    "ka卡咖 kai开凯 kan看砍刊康抗扛 kao考靠烤 ke可克课客刻科颗棵渴壳 ken肯坑 kon空孔恐控 kou口扣 ku苦哭库裤酷 kua跨夸 kuai快块筷 kuan宽款狂况矿框筐 kui亏愧 kun困昆 kuo扩阔 "
    "la拉辣啦蜡腊 lai来赖莱 lan蓝兰烂懒篮栏览浪狼郎朗 lao老劳牢捞 le了乐勒 lei类累泪雷垒 len冷愣 li里离力立利理李例历丽礼厉梨黎璃 lian连脸练恋联怜莲廉链两亮辆量凉粮梁良 liao料聊疗了辽 lie列烈裂猎 lin林临邻零领灵令另铃玲龄岭琳磷 liu六流留刘柳 lon龙笼隆弄 lou楼漏露 lu路绿陆鹿录炉鲁芦碌 luan乱卵 lun论轮伦 luo落罗络骆 lv绿率旅律虑驴 "
    "ma吗妈马骂码麻嘛 mai买卖麦迈脉 man满慢漫蛮忙盲芒茫 mao毛猫冒帽貌贸 mei没每美妹梅煤眉枚 men们门闷梦猛蒙盟孟 mi米密迷秘蜜 mian面免棉眠 miao秒苗妙描 min民敏明名命鸣 mo摸末磨墨默莫模 mou某谋 mu木目母幕牧墓慕 "
    "na那拿哪纳 nai奶耐 nan南男难楠囊 nao脑闹 nei内 nen能嫩 ni你泥尼拟逆腻 nian年念粘娘 niao鸟尿 nie捏 nin您宁凝 niu牛扭 non农浓弄 nu怒努 nuan暖 nv女 ou欧偶呕 "
    "pa怕爬 pai排拍牌派 pan盘判盼旁胖庞 pao跑炮抛泡 pei陪配赔佩 pen盆喷朋碰棚蓬鹏 pi皮批匹脾屁疲披 pian片篇骗偏便 piao票漂飘 pin品拼贫平评瓶苹凭屏萍 po破坡婆迫 pu普铺朴葡扑 "
    "qi七起气期其奇器汽齐妻骑棋旗弃企 qia恰 qian前钱千签浅欠牵铅枪墙抢腔强 qiao桥巧瞧敲悄 qie切且窃茄 qin亲琴勤请清青轻情庆晴倾氢 qion穷 qiu求秋球丘 qu去取区曲趣屈 quan全权圈泉劝 que却缺确雀 qun群裙 ran然燃染让嚷 rao绕饶 re热惹 ren人任认忍仍扔 ri日 ron容荣融绒 rou肉柔 ru如入乳 ruan软 rui瑞锐 run润 ruo弱若 "
    "sa洒撒 sai赛塞 san三散伞桑 sao扫嫂 se色涩塞 sen森僧 si四死思私丝司似寺 son送松颂 su素速宿苏诉塑 suan算酸 sui岁随碎虽 sun孙损 suo所锁缩 sa沙杀纱傻啥 sai晒 san山闪善衫扇上商伤尚赏裳 sao少烧稍勺 se社设舍射蛇 sei谁 sen身深神什审甚生声省升胜圣绳 si是时事市十使世实食式室师诗石识士试视示始势适释饰史 sou手受收首熟兽瘦 su书树数属输术束叔舒鼠 sua刷 suai帅 suan双霜 sui水睡税 sun顺 suo说 "
    "ta他她它塔踏 tai太台抬泰态 tan谈弹坦叹探毯糖汤躺堂唐烫 tao套讨逃桃陶掏 te特 ten疼腾藤 ti提题体替梯踢蹄 tian天田甜填添 tiao条跳挑 tie铁贴 tin听停厅庭挺 ton同通痛桶筒童统铜 tou头投透偷 tu图土突兔吐途涂徒 tuan团 tui推腿退 tun吞 tuo托拖脱妥 "
    "wa哇挖瓦娃袜 wai外歪 wan完玩晚万碗弯湾网王往忘望旺 wei为位谓未味围喂威微伟卫尾委维唯慰 wen问文温闻稳纹翁 wo我握窝 wu无五物务屋舞误武雾午恶 "
    "xi西洗喜系细习息希戏席惜析吸锡犀 xia下夏吓瞎虾 xian先现线险鲜县显献限闲想向象像香箱乡响相详橡 xiao小笑校消晓销效孝 xie些写谢鞋协斜携械 xin新心信辛欣芯行形性姓星醒型兴幸杏 xion兄雄胸熊 xiu修秀休绣袖 xu需许续须序绪 xuan选宣旋悬 xue学雪血穴 xun寻训讯循迅 "
    "ya呀牙压鸭押雅亚 yan眼言演严烟盐研验颜燕厌艳宴样阳养羊洋扬氧 yao要药摇咬腰邀遥 ye也夜业叶爷野页 yi一以已意易衣医宜移依艺议益义椅疑忆译异亿 yin因引银音印饮隐阴应英影硬迎营映盈赢 yon用永勇泳拥 you有又右友由油游优幼 yu与于鱼雨语育遇玉余预域欲愉 yuan元远园院员原愿源圆缘 yue月越约乐岳悦 yun运云允晕匀 "
    "za杂砸 zai在再载灾 zan赞咱脏 zao早造遭枣澡 ze则责择 zen怎增赠 zi字自子紫资仔姿 zon总综宗 zou走奏 zu组足租族祖 zui最嘴罪醉 zun尊 zuo做作坐座左昨 za炸扎 zai债摘窄宅 zan站展占战张章掌涨丈账帐 zao找照招赵罩 ze这者着折哲 zen真镇针珍阵正整证政争蒸 zi之只知直值纸止指至制治志质枝支 zon中种重终钟众忠 zou周州洲粥皱 zu住主注祝猪竹助著筑煮珠 zua抓 zuan转专赚装状撞庄 zui追 zun准 zuo桌捉卓";

constexpr std::string_view kTwoForms =      // traditional, then simplified
    "紅红藍蓝綠绿黃黄檯台臺台燈灯塊块內内錢钱價价貴贵點点個个種种類类顏颜顔颜歡欢換换樣样買买賣卖這这麼么嗎吗還还沒没無无為为與与對对開开關关門门間间時时鐘钟鍾钟錶表裡里裏里過过於于從从後后來来會会說说話话請请謝谢認认識识讓让給给經经結结綫线線线級级網网絲丝絨绒紙纸筆笔書书畫画圖图"
    "蠟蜡燭烛鏡镜鑰钥鐵铁鋼钢銀银錫锡鏽锈銹锈樹树葉叶華华蘋苹藥药菸烟煙烟雲云電电雙双雜杂難难離离雞鸡鳥鸟魚鱼鴨鸭馬马龍龙龜龟貓猫豬猪獸兽車车輛辆輕轻軟软轉转邊边遠远運运進进達达違违選选適适遞递郵邮鄰邻醫医釀酿"
    "東东業业樂乐機机權权條条極极樓楼檢检欄栏歲岁歷历氣气決决況况淺浅淨净湯汤滿满漢汉潔洁濕湿灣湾熱热爾尔牆墙獨独獎奖現现環环產产畢毕異异當当療疗發发髮发盡尽監监盤盘眾众睏困礦矿碼码確确禮礼禱祷稱称積积穩稳窮穷範范簡简籃篮籤签簽签約约純纯組组細细終终統统綜综維维緊紧緩缓練练縣县總总"
    "績绩織织繡绣繩绳續续罰罚義义習习聖圣聞闻聲声聽听職职脫脱腳脚腦脑膠胶臉脸舊旧舉举艙舱藝艺莊庄蘭兰處处號号虧亏蟲虫衛卫衝冲補补裝装複复襪袜襯衬親亲覺觉覽览觀观計计訂订討讨訊讯訓训記记許许設设訪访評评詞词試试詩诗該该詳详語语誤误課课誰谁調调談谈論论諸诸謊谎證证譯译議议護护變变"
    "豐丰貝贝負负財财貨货販贩責责貼贴費费資资賓宾賞赏賠赔質质賬账購购贈赠贊赞趕赶跡迹蹤踪軍军輸输辦办辭辞農农連连週周遊游遲迟鄉乡釘钉針针鈕钮鉛铅銅铜鋪铺錄录錯错鍋锅鍵键鏈链長长閃闪閱阅隊队階阶際际隨随險险雖虽靈灵靜静頁页頂顶項项順顺須须預预頑顽領领頭头頻频題题額额願愿風风飛飞飯饭飲饮飾饰館馆養养餘余"
    "駕驾騎骑驗验驚惊髒脏體体鬆松鬧闹鮮鲜麥麦麗丽黨党齊齐齒齿國国圓圆園园團团場场報报壓压壞坏壺壶備备傳传傷伤僅仅儀仪優优兒儿兩两冊册凍冻剛刚劃划劑剂勞劳動动務务勝胜勢势區区協协單单卻却廠厂厭厌參参問问啟启嘆叹嘗尝嚇吓嚐尝嚴严囑嘱夠够夢梦夾夹奪夺奮奋媽妈嬰婴學学孫孙寫写寬宽審审實实寵宠寶宝將将專专尋寻導导"
    "層层島岛師师帳帐帶带幣币幫帮幹干幾几庫库廚厨廣广廳厅彈弹強强彎弯彙汇徑径復复恆恒悶闷惡恶愛爱態态憶忆應应懷怀戀恋戲戏戰战戶户拋抛掛挂採采捨舍揀拣損损搖摇搶抢撐撑撥拨擁拥擇择擊击擋挡據据擠挤擺摆攝摄攜携敗败數数敵敌斷断暈晕暢畅謂谓顆颗殼壳飽饱餅饼餓饿鹽盐醬酱鴿鸽螞蚂蝦虾鯨鲸頸颈頓顿臟脏瑪玛疊叠癢痒碩硕磚砖穀谷窩窝糧粮紋纹納纳紛纷紹绍絕绝絡络綁绑曆历曬晒";

// Steps over a text of Han and ASCII characters: the bytes of the one at `at`.
std::size_t width_at(std::string_view text, std::size_t at) { return static_cast<unsigned char>(text[at]) < 0x80 ? 1 : 3; }

using Sounds = std::unordered_map<std::string_view, std::vector<std::string_view>>;      // some characters have two
Sounds sounds() {
  Sounds table;
  for (std::size_t at = 0; at < kSounds.size();) {
    const std::size_t end = std::min(kSounds.find(' ', at), kSounds.size());
    std::size_t letters = at;
    while (letters < end && width_at(kSounds, letters) == 1) ++letters;
    const std::string_view sound = kSounds.substr(at, letters - at);
    for (std::size_t c = letters; c + 3 <= end; c += 3) {
      auto& of_one = table[kSounds.substr(c, 3)];
      if (std::find(of_one.begin(), of_one.end(), sound) == of_one.end()) of_one.push_back(sound);
    }
    at = end + 1;
  }
  return table;
}

std::unordered_map<std::string_view, std::string_view> two_forms() {
  std::unordered_map<std::string_view, std::string_view> table;
  for (std::size_t at = 0; at + 6 <= kTwoForms.size(); at += 6) table.emplace(kTwoForms.substr(at, 3), kTwoForms.substr(at + 3, 3));
  return table;
}

}  // namespace

std::vector<std::string> sound_keys(std::span<const Token> tokens) {
  static const Sounds table = sounds();
  std::vector<std::string> keys = {""};
  for (const Token& token : tokens) {
    const auto found = table.find(token.text);
    const std::vector<std::string_view> alone = {token.text};
    const std::vector<std::string_view>& of_one = found == table.end() ? alone : found->second;
    std::vector<std::string> longer;
    for (const std::string& key : keys)
      for (const std::string_view sound : of_one)
        if (longer.size() < kMostKeys) longer.push_back(key + " " + std::string(sound));
    keys = std::move(longer);
  }
  return keys;
}

bool shares_character(std::span<const Token> a, std::span<const Token> b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i].text == b[i].text) return true;
  return false;
}

std::string simplified(std::string text) {
  static const auto table = two_forms();
  for (std::size_t at = 0; at + 3 <= text.size();) {
    const auto lead = static_cast<unsigned char>(text[at]);
    if (lead < 0xE0 || lead >= 0xF0) {
      ++at;
      continue;
    }
    if (const auto found = table.find(std::string_view(text).substr(at, 3)); found != table.end()) text.replace(at, 3, found->second);
    at += 3;
  }
  return text;
}

}  // namespace attune::talk
