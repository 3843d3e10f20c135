// English words of the page. zh.ts has the same keys; the compiler sees to it.
const many = (n: number, one: string, more: string) => `${n.toLocaleString('en')} ${n === 1 ? one : more}`;

export const en = {
  name: 'English',
  views: {
    overview: 'Overview', users: 'Users', items: 'Items', playground: 'Playground', map: 'Map', models: 'Models', experiments: 'Experiments', tuning: 'Tuning',
    settings: 'Settings', keys: 'Keys', chat: 'Chat', login: 'Log in',
  } as Record<string, string>,
  shell: {
    skip: 'Skip to the content', menu: 'Menu', close: 'Close', light: 'Light', dark: 'Dark', system: 'System', theme: 'Colours', language: 'Language', find: 'Find a user or an item',
    logout: 'Log out', loggedIn: (name: string, role: string) => `${name}, ${role}`, nowhere: 'There is nothing here', nowhereFix: 'The address may be mistyped.', toOverview: 'To the overview',
    newer: 'The service was renewed while this page was open.', reload: 'Load the page again', nav: 'Views', open: 'Nobody needs to log in: only this machine reaches the service.',
  },
  role: { none: 'nobody', read: 'may read', write: 'may read and write', admin: 'administrator' } as Record<string, string>,
  common: {
    loading: 'Loading', retry: 'Try again', more: 'Show more', all: 'all', none: 'none', yes: 'yes', no: 'no', save: 'Save', cancel: 'Cancel', add: 'Add', remove: 'Remove', of: 'of',
    search: 'Search', clear: 'Clear', show: 'Show', hide: 'Hide', back: 'Back', item: 'Item', user: 'User', text: 'Text', time: 'Time', type: 'Type', value: 'Value', score: 'Score', name: 'Name', state: 'State',
    copy: 'Copy', copied: 'Copied', asTable: 'As a table', nothing: 'Nothing here yet', refresh: 'Ask again', details: 'Details', at: 'at', unknown: 'not known', done: 'Done', attributes: 'Attributes',
    needsAdmin: 'This needs an administrator.', needsAdminFix: 'Log in with the role admin, or on your own machine start the service with --open-admin.',
  },
  problem: {
    offline: 'The service does not answer.', offlineFix: 'Is attune serve still running, and is this machine on the network? It is asked again when you press the button.',
    request: (id: string) => `Request ${id}`, generic: 'That did not work.', forbidden: 'You may not do this.', forbiddenFix: 'It needs a role that you do not have.',
  },
  ago: (ms: number) => {
    const s = Math.round(ms / 1000);
    if (s < 5) return 'just now';
    if (s < 60) return `${s} s ago`;
    if (s < 3600) return many(Math.round(s / 60), 'minute', 'minutes') + ' ago';
    if (s < 86400) return many(Math.round(s / 3600), 'hour', 'hours') + ' ago';
    return many(Math.round(s / 86400), 'day', 'days') + ' ago';
  },
  count: {
    items: (n: number) => many(n, 'item', 'items'), users: (n: number) => many(n, 'user', 'users'), events: (n: number) => many(n, 'event', 'events'), lists: (n: number) => many(n, 'list', 'lists'),
    rows: (n: number) => many(n, 'row', 'rows'), people: (n: number) => many(n, 'person', 'people'),
  },
  overview: {
    title: 'Overview', ready: 'Ready', draining: 'Stopping', unavailable: 'Not available', live: 'Live', requests: 'Requests', perSecond: '/s', perMinute: '/min', latency: 'Answer time', p50: 'half answered within', p99: '99 of 100 within', events: 'Events taken',
    failures: 'Failures', errors: 'our failures (5xx)', refused: 'refused (4xx)', lists: 'Lists', span: 'Time shown', minutes: (n: number) => (n < 60 ? `${n} min` : `${n / 60} h`), now: 'now',
    data: 'Data', usersWord: 'users', itemsWord: 'items', eventsWord: 'events', exposures: 'lists shown', newest: 'Newest event', oldest: 'Oldest event', since: 'Events since the fit', snapshot: 'Snapshot in service', store: 'Store',
    problems: 'Problems', noProblems: 'No problems found', noProblemsSay: 'Store, snapshots and encoders are sound.', rejected: 'Rows set aside', rejectedSay: 'What an import could not read or cleaning took out, kept with file, line and reason.', noRejected: 'Every row that was imported counts.',
    file: 'File', line: 'Line', reason: 'Reason', howMany: 'Rows', checks: 'Checks', check: { store: 'Store', snapshot: 'Snapshot', queue: 'Queue' } as Record<string, string>, quiet: 'No requests in this time. Ask for a list in the playground and it shows here.', tryIt: 'Open the playground',
    deep: 'Look thoroughly', deepSay: 'Reads the whole store and every snapshot', deepDone: 'Looked at thoroughly', memory: 'Memory', memorySay: 'of one fit, model by model', budget: 'budget', over: 'over the budget', machine: 'Machine', cores: (n: number) => many(n, 'core', 'cores'), disk: 'Disk free',
  },
  problems: {
    store_damaged: (p: any) => `The store is damaged: ${p.what}`, snapshot_damaged: (p: any) => `The snapshot ${p.what} is damaged`, encoder_missing: (p: any) => `The encoder ${p.what} is missing`,
    items_without_text: (p: any) => `${many(p.count, 'item has', 'items have')} no text`, items_alike: (p: any) => `${many(p.count, 'item shares its', 'items share their')} text with another`,
    items_never_taken: (p: any) => `${many(p.count, 'item was', 'items were')} never taken`, unknown_event_type: (p: any) => `Events of the type "${p.what}" have no weight of their own`,
    behind: (p: any) => `${many(p.count, 'event', 'events')} came after the last fit`, rows_rejected: (p: any) => `${many(p.count, 'row was', 'rows were')} set aside at an import`, memory_over: (p: any) => `${p.what} needs more memory for a fit than the budget`,
    disk_low: (p: any) => `The disk has ${p.what} left`, pinned: (p: any) => `Rolled back: ${p.what} stays in service whatever is fitted`,
  } as Record<string, (p: any) => string>,
  fixes: {
    store_damaged: 'Put a backup in its place, or move attune.db away and import again.', snapshot_damaged: 'It is passed over; fit again and it is deleted in time.', encoder_missing: 'Run scripts/setup on the machine of the service.',
    items_without_text: 'Models that read cannot place them: import their texts.', items_alike: 'Texts alone cannot tell them apart: import longer ones.', items_never_taken: 'They reach people by their texts alone.',
    unknown_event_type: 'They count 1 each. Give the type a weight in [events.NAME] of attune.toml.', behind: 'They count in every list already; a fit lets models learn from them.', rows_rejected: 'They are in no list. Reasons, files and lines stand below.',
    memory_over: 'A model that needs less takes its place. Raise [memory] budget if the machine has more.', disk_low: 'Make room: when it is full, lists go on but no event is taken.', pinned: 'Take the pin away under Models to go on.',
  } as Record<string, string>,
  user: {
    title: 'Users', find: 'Name begins with', none: 'No user has a name that begins so.', noneYet: 'No user is known yet. The first event makes one.', list: 'Recommended now', history: 'History', record: 'Record', unknown: 'Nobody of this name is known', unknownSay: 'The list below is what most people take; the first event changes it.',
    events: 'Events', first: 'First event', last: 'Last event', took: 'Took it', tookSay: 'Sent as an event: the list is computed again', noHistory: 'No events yet', erase: 'Erase this user', eraseSay: 'Events, record and lists shown are removed and overwritten. This cannot be undone.', erased: 'Erased', receipt: 'Receipt', confirm: 'Type the name to confirm', total: 'in all', whyNot: 'Why is an item not here?',
  },
  item: {
    title: 'Items', find: 'Name or text contains', filter: 'Filter', filterHelp: 'price < 20 and category = kitchen', none: 'No item fits.', noneYet: 'There are no items yet. Import some, or put one.', similar: 'Similar', similarSay: 'by what people take together and by text', hidden: 'hidden', hiddenSay: 'never recommended', taken: 'Taken by', created: 'Since',
    edit: 'Change the text', editSay: 'Counts in the next list', hide: 'Hide from all lists', showAgain: 'Show again', erase: 'Erase this item', eraseSay: 'The item and its events are removed. This cannot be undone.', unknown: 'There is no item of this name', noText: 'no text', whoFor: 'Place in a user\'s list', whoForSay: 'Why it is, or is not, in somebody\'s list', onMap: 'On the map',
  },
  play: {
    title: 'Playground', who: 'For whom', byUser: 'A user', byHistory: 'A history', byText: 'In words', userPlaceholder: 'Begin to type a name', historyPlaceholder: 'Add an item', historyEmpty: 'Add what somebody took, oldest first.', textPlaceholder: 'lights for a garden party', asWell: 'and in words', how: 'How', length: 'Length', diversity: 'Variety',
    diversitySay: '0 = most relevant first, 1 = as different as can be', filter: 'Only items that pass', filterPlaceholder: 'price < 20 and category = kitchen', caps: 'At most so many of a kind', capsPlaceholder: 'category=3,brand=2', exclude: 'Leave out', weights: 'Weight of each model', weightsSay: '1 = as learned, 0 = off', reset: 'Reset', list: 'List', start: 'Say for whom, and the list appears here.', startSay: 'It is computed now, with a reason for every item.', took: (ms: string) => `computed in ${ms}`,
    whyNot: 'Why not this one?', whyNotSay: 'Pick any item to see what keeps it out of this list.', inList: (n: number) => `On place ${n} of this list`, notInList: 'Not in this list', toEnter: 'Score needed for the list', wouldChange: 'It would turn without', exact: 'exact', nearly: 'searched, not proven', empty: 'No item passes.', emptyFix: 'Loosen the filter or the caps.', moved: 'since the last change', new: 'new', ask: 'Ask',
  },
  why: { title: 'Why', parts: 'Parts of the score', sum: 'Sum = score', behaviour: 'from what people take', part: 'Part', share: 'Part of the score', notes: 'What happened to it', gone: 'Left out', model: 'Model', open: 'Take apart', rest: 'all the rest', text: 'likeness of texts', about: 'your words', rotate: 'shown before, not taken', centre: 'the mean of all items', smaller: (n: number) => many(n, 'smaller part', 'smaller parts') },
  map: {
    title: 'Map', say: 'Every dot is an item; items with like texts lie together.', find: 'Find an item', zoomIn: 'Closer', zoomOut: 'Farther', home: 'All of it', size: 'Size and colour: how many people took it', making: 'The map is being drawn. It is made once for a snapshot.', none: 'This snapshot has no vectors.', noneFix: 'Add an encoder in [encoders] use of attune.toml and fit again.', list: 'Items here', points: (n: number) => many(n, 'item', 'items'), keys: 'Arrow keys move, plus and minus zoom, 0 shows all.', near: 'Nearest on the map', region: 'Regions', zoomHint: 'Drag to move, scroll to zoom, click an item.',
  },
  models: {
    title: 'Models and snapshots', current: 'In service', all: 'Snapshots', fitted: 'Fitted', pin: 'Put in service and keep', unpin: 'Let the newest serve', pinned: 'pinned', damaged: 'damaged', serving: 'in service', quality: 'Quality on held-out events', qualitySay: (split: string, users: string) => `Split ${split}, ${users} judged; bars are 95 % intervals.`, metric: 'Figure', weights: 'Weight of each model by length of history', weightsSay: 'learned on validation', fit: 'Fit now', fitSay: 'Runs beside the service and goes into service when it is done.', evaluate: 'Judge it on held-out events', whichModels: 'Models', asSettings: 'as in the settings', over: 'Settings for this fit', overHelp: 'one a line: slist.lambda=200', start: 'Start the fit', jobs: 'Fits', stop: 'Stop', noJobs: 'No fit since the service started.', steps: 'Seconds and memory of each step', step: 'Step', seconds: 'Seconds', memory: 'Memory', noFigures: 'This snapshot was not judged.', noFiguresFix: 'Fit with [fit] evaluate = true to see how good it is.', settings: 'Settings it was fitted with', segment: 'History', why: { asked: 'asked', schedule: 'schedule' } as Record<string, string>, state: { waiting: 'waiting', running: 'running', done: 'done', failed: 'failed', cancelled: 'stopped' } as Record<string, string>,
    since: (n: number) => `${many(n, 'event', 'events')} since the last fit.`, rollback: 'Roll back to this one?', rollbackSay: 'It serves at once and stays, also after restarts and later fits, until you take the pin away.',
  },
  experiments: {
    title: 'Experiments', none: 'No experiment yet.', noneSay: 'Answer a part of your users differently and see, with intervals that may be looked at every day, what they take.', create: 'New experiment', edit: 'Change', name: 'Name', mode: 'Mode', split: 'Each user sees one arm', interleave: 'Each list is drawn from both arms', arms: 'Arms', control: 'control', arm: 'Arm', share: 'Share of users', ask: 'What is asked differently', askHelp: '{"diversity": 0.3}, {"models": ["slist"]}; empty = as always', metric: 'What counts', guardrails: 'Must not get worse', margin: 'by more than', confidence: 'Confidence', everyone: 'Of all users take part', start: 'Start', stop: 'End it', forget: 'Forget it', forgetSay: 'The experiment and its outcome are forgotten. Lists shown stay in the log.', status: { planned: 'planned', running: 'running', over: 'over' } as Record<string, string>, users: 'Users', lists: 'Lists', takes: 'Taken', verdict: 'Verdict', difference: 'Difference to the control', p: 'p, valid at every look', uneven: 'Chance of a split as uneven as this',
    verdicts: { collecting: 'Not decided yet: keep collecting', 'uneven split': 'The split is uneven: something is broken' } as Record<string, string>, better: (n: string) => `${n} is better`, worse: (n: string) => `${n} is worse`, broken: (m: string, n: string) => `${n} breaks the guardrail ${m}`, began: 'Began', ended: 'Ended', preference: 'Preference of users', wants: 'Wanted more', fewer: 'fewer is better',
    metrics: { conversion: 'share of users who took something', takes: 'items taken, a user', take_rate: 'lists something was taken from', value: 'value taken, a user', returns: 'days they came back', fewer_dislikes: 'dislikes, a user' } as Record<string, string>, window: 'Counts as taken within', hours: 'hours', add: 'Add an arm', drop: 'Remove the arm', badJson: 'This must be a JSON object, such as {"diversity": 0.3}.',
  },
  tuning: { title: 'Tuning', none: 'Nothing was tuned yet.', noneSay: 'attune tune tries settings of the models on held-out events; every trial shows here as it ends.', study: 'Study', trials: (n: number) => many(n, 'trial', 'trials'), best: 'Best', by: 'Trials in order', number: 'Trial', figure: 'Figure', settings: 'Settings', seconds: 'Seconds', stopped: 'given up', failed: 'failed', use: 'To use the best', start: 'as it was', against: 'Against a setting', setting: 'Setting' },
  settings: { title: 'Settings', say: 'From attune.toml. What differs from the default is marked. Changes count after the service starts again; a fit can try them at once.', find: 'Find a setting', standard: 'default', changed: 'changed', none: 'No setting fits.', try: 'Try in a fit', lines: 'For attune.toml', change: 'Change', chosen: 'Changed here', section: 'Section', toFit: 'Fit with these' },
  keys: { title: 'Keys and logins', say: 'A key lets an application in, a login a person. Secrets are stored hashed.', name: 'Name', role: 'May', rate: 'Rate', begins: 'Begins with', made: 'Made', revoked: 'revoked', kindKey: 'key', kindLogin: 'login', create: 'Make a key', rateHelp: '100/s, 6000/min; empty = no limit', secret: 'The key, told this once', secretSay: 'Keep it where secrets are kept: it is shown nowhere else.', revoke: 'Revoke', revokeSay: 'Whoever uses it is refused at once.', none: 'There are no keys: whoever reaches this machine may read and write.', audit: 'Audit log', auditSay: 'What was done with the role admin, newest first.', noAudit: 'Nothing yet.', who: 'Who', from: 'From', action: 'Did', what: 'What', status: 'Answer', loginHelp: 'Logins are made on the command line: attune keys user NAME', older: 'Older entries' },
  login: { title: 'Log in', name: 'Name', password: 'Password', enter: 'Log in', say: 'This service is behind a login.', help: 'Logins are made on the machine of the service: attune keys user NAME', wrong: 'Wrong name or password.', expired: 'Your session has ended. Log in again.' },
  chat: { title: 'Chat', say: 'Talk about what you want. Only items that exist are named.', placeholder: 'Something for a garden party, not too dear', send: 'Send', undo: 'Take the last turn back', start: 'Say what you are looking for.', up: 'Good suggestion', down: 'Not this', asUser: 'Talk as', you: 'You', attune: 'attune', again: 'Begin anew', thinking: 'Thinking', noted: 'Noted', read: 'Understood', examples: ['a present for a keen cook', 'lights for a garden party', 'something cheaper'] },
};
export type Words = typeof en;
