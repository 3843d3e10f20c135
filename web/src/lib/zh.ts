// Chinese words of the page; see en.ts.
import type { Words } from './en.ts';

const n_ = (n: number) => n.toLocaleString('zh-CN');

export const zh: Words = {
  name: '中文',
  views: {
    overview: '概览', users: '用户', items: '物品', playground: '试验台', map: '地图', models: '模型', experiments: '实验', tuning: '调参', settings: '设置', keys: '密钥', chat: '对话', login: '登录',
  },
  shell: {
    skip: '跳到正文', menu: '菜单', close: '关闭', light: '浅色', dark: '深色', system: '系统', theme: '配色', language: '语言', find: '查找用户或物品',
    logout: '退出登录', loggedIn: (name, role) => `${name}，${role}`, nowhere: '这里什么也没有', nowhereFix: '地址可能写错了。', toOverview: '回到概览',
    newer: '本页打开期间，服务已更新。', reload: '重新载入本页', nav: '视图', open: '无需登录：只有本机能访问此服务。',
  },
  role: { none: '无人', read: '只读', write: '可读写', admin: '管理员' },
  common: {
    loading: '正在载入', retry: '重试', more: '显示更多', all: '全部', none: '无', yes: '是', no: '否', save: '保存', cancel: '取消', add: '添加', remove: '移除', of: '/',
    search: '搜索', clear: '清除', show: '显示', hide: '隐藏', back: '返回', item: '物品', user: '用户', text: '文字', time: '时间', type: '类型', value: '值', score: '得分', name: '名称', state: '状态',
    copy: '复制', copied: '已复制', asTable: '以表格显示', nothing: '这里还没有内容', refresh: '重新获取', details: '详情', at: '于', unknown: '未知', done: '完成', attributes: '属性',
    needsAdmin: '这需要管理员权限。', needsAdminFix: '请以管理员身份登录；若只在本机使用，可用 --open-admin 启动服务。',
  },
  problem: {
    offline: '服务没有应答。', offlineFix: 'attune serve 还在运行吗？本机联网了吗？按下按钮会再次请求。',
    request: (id) => `请求 ${id}`, generic: '没有成功。', forbidden: '您无权这样做。', forbiddenFix: '需要您没有的角色。',
  },
  ago: (ms) => {
    const s = Math.round(ms / 1000);
    if (s < 5) return '刚刚';
    if (s < 60) return `${s} 秒前`;
    if (s < 3600) return `${Math.round(s / 60)} 分钟前`;
    if (s < 86400) return `${Math.round(s / 3600)} 小时前`;
    return `${n_(Math.round(s / 86400))} 天前`;
  },
  count: {
    items: (n) => `${n_(n)} 件物品`, users: (n) => `${n_(n)} 位用户`, events: (n) => `${n_(n)} 个事件`, lists: (n) => `${n_(n)} 个列表`, rows: (n) => `${n_(n)} 行`, people: (n) => `${n_(n)} 人`,
  },
  overview: {
    title: '概览', ready: '就绪', draining: '正在停止', unavailable: '不可用', live: '实时', requests: '请求', perSecond: '/秒', perMinute: '/分钟', latency: '应答时间', p50: '半数应答不超过', p99: '99% 应答不超过', events: '接收的事件',
    failures: '失败', errors: '服务端错误 (5xx)', refused: '被拒绝 (4xx)', lists: '列表', span: '时间范围', minutes: (n) => (n < 60 ? `${n} 分钟` : `${n / 60} 小时`), now: '现在',
    data: '数据', usersWord: '用户', itemsWord: '物品', eventsWord: '事件', exposures: '展示过的列表', newest: '最新事件', oldest: '最早事件', since: '拟合后的事件', snapshot: '服务中的快照', store: '存储',
    problems: '问题', noProblems: '没有发现问题', noProblemsSay: '存储、快照和编码器都完好。', rejected: '被搁置的行', rejectedSay: '导入时无法读取或被清理掉的行，连同文件、行号和原因一并保存。', noRejected: '导入的每一行都有效。',
    file: '文件', line: '行', reason: '原因', howMany: '行数', checks: '检查', check: { store: '存储', snapshot: '快照', queue: '队列' }, quiet: '这段时间没有请求。在试验台请求一个列表，这里就会显示。', tryIt: '打开试验台',
    deep: '彻底检查', deepSay: '读取整个存储和每个快照', deepDone: '已彻底检查', memory: '内存', memorySay: '一次拟合中各模型所需', budget: '预算', over: '超出预算', machine: '机器', cores: (n) => `${n} 核`, disk: '磁盘剩余',
  },
  problems: {
    store_damaged: (p) => `存储已损坏：${p.what}`, snapshot_damaged: (p) => `快照 ${p.what} 已损坏`, encoder_missing: (p) => `缺少编码器 ${p.what}`,
    items_without_text: (p) => `${n_(p.count)} 件物品没有文字`, items_alike: (p) => `${n_(p.count)} 件物品与别的物品文字相同`,
    items_never_taken: (p) => `${n_(p.count)} 件物品从未被选取`, unknown_event_type: (p) => `类型为“${p.what}”的事件没有自己的权重`,
    behind: (p) => `上次拟合之后有 ${n_(p.count)} 个事件`, rows_rejected: (p) => `导入时搁置了 ${n_(p.count)} 行`, memory_over: (p) => `${p.what} 一次拟合所需内存超出预算`,
    disk_low: (p) => `磁盘只剩 ${p.what}`, pinned: (p) => `已回滚：无论之后拟合什么，${p.what} 都保持服务`,
  },
  fixes: {
    store_damaged: '换上备份，或移走 attune.db 后重新导入。', snapshot_damaged: '它会被跳过；再次拟合后会逐渐删除。', encoder_missing: '请在服务所在的机器上运行 scripts/setup。',
    items_without_text: '会阅读的模型无法安置它们：请导入它们的文字。', items_alike: '仅凭文字无法区分它们：请导入更长的文字。', items_never_taken: '它们只能凭文字到达用户。',
    unknown_event_type: '它们各计 1。请在 attune.toml 的 [events.名称] 中设置权重。', behind: '它们已计入每个列表；拟合后模型才会从中学习。', rows_rejected: '它们不在任何列表中。原因、文件和行号见下。',
    memory_over: '会改用所需更少的模型。若机器内存充足，请调高 [memory] budget。', disk_low: '请腾出空间：写满后列表照常，但不再接收事件。', pinned: '在“模型”中取消固定即可继续。',
  },
  user: {
    title: '用户', find: '名称以此开头', none: '没有以此开头的用户。', noneYet: '还没有用户。第一个事件就会产生一位。', list: '此刻的推荐', history: '历史', record: '记录', unknown: '没有叫这个名字的用户', unknownSay: '下面的列表是多数人的选择；第一个事件就会改变它。',
    events: '事件', first: '最早事件', last: '最近事件', took: '选取', tookSay: '作为事件发送，列表随即重新计算', noHistory: '还没有事件', erase: '删除此用户', eraseSay: '事件、记录和展示过的列表会被移除并覆写，无法撤销。', erased: '已删除', receipt: '凭证', confirm: '输入名称以确认', total: '总计', whyNot: '为什么某件物品不在这里？',
  },
  item: {
    title: '物品', find: '名称或文字包含', filter: '筛选', filterHelp: 'price < 20 and category = kitchen', none: '没有符合的物品。', noneYet: '还没有物品。请导入或添加。', similar: '相似物品', similarSay: '依据人们一起选取的物品和文字', hidden: '已隐藏', hiddenSay: '从不推荐', taken: '选取人数', created: '创建于',
    edit: '修改文字', editSay: '下一个列表即生效', hide: '从所有列表隐藏', showAgain: '重新显示', erase: '删除此物品', eraseSay: '物品及其事件会被移除，无法撤销。', unknown: '没有叫这个名字的物品', noText: '没有文字', whoFor: '在某位用户列表中的位置', whoForSay: '它为什么在或不在某人的列表中', onMap: '在地图上',
  },
  play: {
    title: '试验台', who: '为谁', byUser: '一位用户', byHistory: '一段历史', byText: '用文字描述', userPlaceholder: '开始输入名称', historyPlaceholder: '添加物品', historyEmpty: '按时间先后添加某人选取过的物品。', textPlaceholder: 'lights for a garden party', asWell: '再用文字描述', how: '方式', length: '长度', diversity: '多样性',
    diversitySay: '0 = 最相关的在前，1 = 尽可能不同', filter: '只要符合条件的物品', filterPlaceholder: 'price < 20 and category = kitchen', caps: '每类最多几件', capsPlaceholder: 'category=3,brand=2', exclude: '排除', weights: '各模型的权重', weightsSay: '1 = 学到的值，0 = 关闭', reset: '恢复', list: '列表', start: '说明为谁推荐，列表就会出现在这里。', startSay: '当场计算，每件物品都有理由。', took: (ms) => `计算用时 ${ms}`,
    whyNot: '为什么没有这件？', whyNotSay: '任选一件物品，看看是什么让它不在这个列表里。', inList: (n) => `在此列表第 ${n} 位`, notInList: '不在此列表中', toEnter: '进入列表所需得分', wouldChange: '若没有以下物品，结果会改变', exact: '精确', nearly: '搜索所得，未经证明', empty: '没有物品符合条件。', emptyFix: '请放宽筛选或上限。', moved: '与上次相比', new: '新', ask: '请求',
  },
  why: { title: '理由', parts: '得分的各部分', sum: '总和 = 得分', behaviour: '来自人们的选取', part: '部分', share: '得分中的部分', notes: '经历的步骤', gone: '被排除', model: '模型', open: '展开', rest: '其余全部', text: '文字相似', about: '您的描述', rotate: '展示过而未选取', centre: '全部物品的均值', smaller: (n) => `${n_(n)} 个较小的部分` },
  map: {
    title: '地图', say: '每个点是一件物品；文字相近的物品靠在一起。', find: '查找物品', zoomIn: '放大', zoomOut: '缩小', home: '全貌', size: '大小和颜色：选取的人数', making: '正在绘制地图，每个快照只绘制一次。', none: '此快照没有向量。', noneFix: '请在 attune.toml 的 [encoders] use 中添加编码器并重新拟合。', list: '此处的物品', points: (n) => `${n_(n)} 件物品`, keys: '方向键移动，加减号缩放，0 显示全貌。', near: '地图上最近的物品', region: '区域', zoomHint: '拖动以移动，滚动以缩放，点击物品。',
  },
  models: {
    title: '模型与快照', current: '服务中', all: '快照', fitted: '拟合于', pin: '投入服务并固定', unpin: '改用最新的', pinned: '已固定', damaged: '已损坏', serving: '服务中', quality: '留出事件上的质量', qualitySay: (split, users) => `划分 ${split}，评判 ${users}；横线为 95% 区间。`, metric: '指标', weights: '各模型按历史长度的权重', weightsSay: '在验证集上学得', fit: '立即拟合', fitSay: '在服务旁运行，完成后投入服务。', evaluate: '在留出事件上评判', whichModels: '模型', asSettings: '按设置', over: '本次拟合的设置', overHelp: '每行一个：slist.lambda=200', start: '开始拟合', jobs: '拟合任务', stop: '停止', noJobs: '服务启动后还没有拟合。', steps: '各步骤的时间与内存', step: '步骤', seconds: '秒', memory: '内存', noFigures: '此快照未经评判。', noFiguresFix: '设置 [fit] evaluate = true 再拟合，就能看到它有多好。', settings: '拟合所用的设置', segment: '历史', why: { asked: '手动', schedule: '定时' }, state: { waiting: '等待', running: '进行中', done: '完成', failed: '失败', cancelled: '已停止' },
    since: (n) => `上次拟合之后有 ${n_(n)} 个事件。`, rollback: '回滚到这个快照？', rollbackSay: '它立即投入服务并保持，重启和之后的拟合都不影响，直到取消固定。',
  },
  experiments: {
    title: '实验', none: '还没有实验。', noneSay: '对一部分用户给出不同的回答，用每天都可以查看的区间看他们选取了什么。', create: '新建实验', edit: '修改', name: '名称', mode: '方式', split: '每位用户只见一组', interleave: '每个列表由两组交替组成', arms: '组', control: '对照', arm: '组', share: '用户份额', ask: '不同的请求', askHelp: '{"diversity": 0.3}、{"models": ["slist"]}；空 = 照常', metric: '看重的指标', guardrails: '不得变差', margin: '超过', confidence: '置信度', everyone: '参与的用户比例', start: '开始', stop: '结束', forget: '遗忘', forgetSay: '实验及其结果会被遗忘。展示过的列表仍在日志中。', status: { planned: '计划中', running: '进行中', over: '已结束' }, users: '用户', lists: '列表', takes: '选取', verdict: '结论', difference: '与对照之差', p: 'p，任何时候查看都有效', uneven: '出现如此不均划分的概率',
    verdicts: { collecting: '尚无定论：继续收集', 'uneven split': '划分不均：有地方出错' }, better: (n) => `${n} 更好`, worse: (n) => `${n} 更差`, broken: (m, n) => `${n} 突破了护栏 ${m}`, began: '开始', ended: '结束', preference: '用户偏好', wants: '更受欢迎', fewer: '越少越好',
    metrics: { conversion: '有所选取的用户比例', takes: '每位用户选取的物品数', take_rate: '有所选取的列表比例', value: '每位用户选取的价值', returns: '再次到来的天数', fewer_dislikes: '每位用户的不喜欢次数' }, window: '多久之内算作选取', hours: '小时', add: '添加一组', drop: '移除此组', badJson: '这里须是 JSON 对象，例如 {"diversity": 0.3}。',
  },
  tuning: { title: '调参', none: '还没有调参。', noneSay: 'attune tune 在留出事件上尝试模型的设置；每次试验结束后都会显示在这里。', study: '研究', trials: (n) => `${n_(n)} 次试验`, best: '最佳', by: '按顺序的试验', number: '试验', figure: '指标', settings: '设置', seconds: '秒', stopped: '已放弃', failed: '失败', use: '使用最佳设置', start: '原设置', against: '随某项设置的变化', setting: '设置' },
  settings: { title: '设置', say: '来自 attune.toml，与默认值不同的已标出。修改在服务重新启动后生效；拟合可以立即试用。', find: '查找设置', standard: '默认', changed: '已修改', none: '没有符合的设置。', try: '在拟合中试用', lines: '写入 attune.toml', change: '修改', chosen: '在此修改的', section: '部分', toFit: '用这些设置拟合' },
  keys: { title: '密钥与登录', say: '密钥供应用程序使用，登录供人使用。秘密只以散列保存。', name: '名称', role: '权限', rate: '速率', begins: '开头', made: '创建', revoked: '已撤销', kindKey: '密钥', kindLogin: '登录', create: '创建密钥', rateHelp: '100/s、6000/min；空 = 不限', secret: '密钥，只显示这一次', secretSay: '请妥善保存：别处不会再显示。', revoke: '撤销', revokeSay: '使用者会立即被拒绝。', none: '没有密钥：能访问本机的人都可以读写。', audit: '审计日志', auditSay: '以管理员角色所做的事，最新的在前。', noAudit: '还没有记录。', who: '谁', from: '来自', action: '操作', what: '对象', status: '应答', loginHelp: '登录在命令行创建：attune keys user 名称', older: '更早的记录' },
  login: { title: '登录', name: '名称', password: '密码', enter: '登录', say: '此服务需要登录。', help: '登录在服务所在的机器上创建：attune keys user 名称', wrong: '名称或密码错误。', expired: '会话已结束，请重新登录。' },
  chat: { title: '对话', say: '说说您想要什么。只会提到确实存在的物品。', placeholder: '花园聚会用的，不要太贵', send: '发送', undo: '撤回上一轮', start: '说说您在找什么。', up: '推荐得好', down: '不要这个', asUser: '以此身份对话', you: '您', attune: 'attune', again: '重新开始', thinking: '正在思考', noted: '已记下', read: '理解为', examples: ['送给爱下厨的人的礼物', '花园聚会用的灯', '便宜一点的'] },
};
