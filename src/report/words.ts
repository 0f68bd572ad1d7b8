import type { ExceptionKind, ReasonCode, Verdict } from '../audit/facts.js';

export const LANGS = ['en', 'ja'] as const;
export type Lang = (typeof LANGS)[number];

/** The language that was asked for, else that of the locale (POSIX: LC_ALL, LC_MESSAGES, LANG; empty counts as not set). */
export function langOf(asked: Lang | undefined, env: Readonly<Record<string, string | undefined>>): Lang {
  const locale = env.LC_ALL || env.LC_MESSAGES || env.LANG || '';
  return asked ?? (/^ja(?:[_.@-]|$)/i.test(locale) ? 'ja' : 'en');
}

/** What the report says, by language. */
export interface Words {
  readonly title: string;
  readonly verdicts: Readonly<Record<Verdict, readonly [headline: string, meaning: string]>>;
  readonly terms: Readonly<
    Record<'period' | 'utc' | 'scope' | 'inside' | 'excluded' | 'records' | 'assumed' | 'assumedVpc', string>
  >;
  readonly headings: Readonly<
    Record<
      | 'incomplete'
      | 'whyNot'
      | 'exceptions'
      | 'allowed'
      | 'days'
      | 'destinations'
      | 'coverage'
      | 'unseen'
      | 'verify',
      string
    >
  >;
  readonly kinds: Readonly<Record<ExceptionKind, string>>;
  /** A sentence for each reason; the details follow it. */
  readonly reasons: Readonly<Record<ReasonCode, string>> | undefined;
  readonly columns: Readonly<
    Record<
      | 'srcaddr'
      | 'dstaddr'
      | 'name'
      | 'service'
      | 'way'
      | 'flows'
      | 'bytes'
      | 'first'
      | 'last'
      | 'nearly'
      | 'entry'
      | 'reason'
      | 'owner'
      | 'approved'
      | 'expires'
      | 'day'
      | 'allowedBytes'
      | 'leakedBytes'
      | 'attempts'
      | 'interface'
      | 'hours'
      | 'gaps',
      string
    >
  >;
  readonly legend: Readonly<Record<'allowed' | 'leaked' | 'recorded' | 'skipped' | 'missing', string>>;
  readonly none: string;
  readonly pending: string;
  readonly more: (count: string, file: string) => string;
  readonly coverageNote: (shown: string, all: string, step: string) => string;
  readonly unseen: readonly string[];
  readonly verify: string;
}

const EN: Words = {
  title: 'Was the network closed?',
  verdicts: {
    closed: [
      'Closed',
      'Nothing left the audited subnets that the allow-list does not allow, and the record of the period is complete.',
    ],
    'not closed': ['Not closed', 'Data left the audited subnets that the allow-list does not allow.'],
    'cannot be said': [
      'Cannot be said',
      'Nothing was found that the allow-list does not allow, but the record could not have shown everything.',
    ],
  },
  terms: {
    period: 'Period',
    utc: 'In UTC',
    scope: 'Audited subnets',
    inside: 'Inside',
    excluded: 'Not audited',
    records: 'Records read',
    assumed: 'Accepted without evidence',
    assumedVpc: '(assumed)',
  },
  headings: {
    incomplete: 'The record is incomplete as well',
    whyNot: 'Why it cannot be said',
    exceptions: 'What nobody allowed',
    allowed: 'What was allowed, and by whom',
    days: 'Traffic that left, by day',
    destinations: 'Where most of it went',
    coverage: 'How complete the record is',
    unseen: 'What flow logs cannot show',
    verify: 'How to verify this report',
  },
  kinds: {
    leak: 'Left',
    reply: 'Answers to connections from outside',
    undecided: 'Replies or connections of their own: the record does not tell',
    attempt: 'Attempts: refused, or never answered',
  },
  reasons: undefined,
  columns: {
    ...{
      srcaddr: 'Source',
      dstaddr: 'Destination',
      name: 'Name',
      service: 'Service',
      way: 'Way',
      flows: 'Flows',
    },
    ...{
      bytes: 'Bytes',
      first: 'First',
      last: 'Last',
      nearly: 'Nearest entry',
      entry: 'Entry',
      reason: 'Reason',
    },
    ...{
      owner: 'Owner',
      approved: 'Approved',
      expires: 'Expires',
      day: 'Day',
      allowedBytes: 'Allowed bytes',
    },
    ...{
      leakedBytes: 'Bytes not allowed',
      attempts: 'Attempts',
      interface: 'Interface',
      hours: 'Hours recorded',
      gaps: 'Gaps',
    },
  },
  legend: {
    ...{ allowed: 'allowed', leaked: 'not allowed' },
    ...{ recorded: 'recorded', skipped: 'in part', missing: 'no record' },
  },
  none: 'None.',
  pending: 'not approved: allows nothing',
  more: (count, file) => `${count} more in ${file}.`,
  coverageNote: (shown, all, step) =>
    `${shown} of ${all} interfaces in scope, those with the most hours missing first; a cell is ${step}.`,
  unseen: [
    'Traffic to the Amazon DNS server, instance metadata, time sync, DHCP and Windows activation is never recorded.',
    'Flow logs record addresses, ports and amounts, not contents: an allowed destination may have been sent anything.',
    'Names that hosts ask DNS for leave by the DNS server; only Resolver query logs show them.',
    'An address of an AWS service serves every customer of AWS. Only the policy of an endpoint limits whose data can be reached.',
  ],
  verify:
    'The pack names every input with its size and SHA-256, the statements that were run, and the allow-list that was judged by.',
};

const JA: Words = {
  title: 'ネットワークは閉じていたか',
  verdicts: {
    closed: [
      '閉じていました',
      '許可リストにない通信は監査対象のサブネットから出ておらず、期間中の記録も揃っています。',
    ],
    'not closed': [
      '閉じていませんでした',
      '許可リストにない通信が、監査対象のサブネットから外へ出ています。',
    ],
    'cannot be said': [
      '判断できません',
      '許可リストにない通信は見つかりませんでしたが、記録が不足しているため、なかったとは言い切れません。',
    ],
  },
  terms: {
    period: '対象期間',
    utc: 'UTC では',
    scope: '監査対象のサブネット',
    inside: '内側とみなす範囲',
    excluded: '監査の対象外',
    records: '読み取ったレコード数',
    assumed: '証拠なしで前提としたもの',
    assumedVpc: '（推定）',
  },
  headings: {
    incomplete: '記録にも不足があります',
    whyNot: '判断できない理由',
    exceptions: '許可されていない通信',
    allowed: '許可された通信と承認者',
    days: '外へ出た通信量（日別）',
    destinations: '主な宛先',
    coverage: '記録の網羅性',
    unseen: 'フローログでは分からないこと',
    verify: 'このレポートの検証方法',
  },
  kinds: {
    leak: '外へ出た通信',
    reply: '外から開かれた接続への応答',
    undecided: '応答か新規の接続か、記録からは区別できない通信',
    attempt: '試行のみ（拒否された、または応答がなかったもの）',
  },
  reasons: {
    'no-records': '対象期間のレコードがありません。',
    'missing-fields': '判断に必要なフィールドが記録されていません。',
    'transit-gateway': 'Transit Gateway のフローログであり、経由した通信しか分かりません。',
    subset: 'ログの一部だけを対象にしています。',
    'too-recent': '期間の終わりが直近のため、ログがまだ届く可能性があります。',
    input: '読み取れない入力がありました。',
    'missing-hours': 'どのインターフェイスの記録もない時間帯があります。',
    skipdata: 'AWS が記録できなかったフロー（SKIPDATA）があります。',
    gaps: '記録が途切れているインターフェイスがあります。',
    'interface-lifetimes': '期間の初めまたは終わりに記録のないインターフェイスがあります。',
    'silent-interfaces': 'インベントリにあるのに記録が一件もないインターフェイスがあります。',
    inventory: 'インベントリがないため、記録のないインターフェイスに気付けません。',
    'flow-log-config': 'フローログの設定（対象の通信、作成日時）を確認できていません。',
    'flow-log-created': 'フローログが期間の開始より後に作成されています。',
    'traffic-type': 'フローログがすべての通信を記録する設定ではありません。',
    delivery: 'フローログの配信に失敗しています。',
    direction: '接続を開いた側が記録からは分からない通信があります。',
  },
  columns: {
    ...{
      srcaddr: '送信元',
      dstaddr: '宛先',
      name: '名前',
      service: 'サービス',
      way: '経路',
      flows: 'フロー数',
    },
    ...{
      bytes: 'バイト数',
      first: '最初',
      last: '最後',
      nearly: '最も近い許可',
      entry: '許可の内容',
      reason: '理由',
    },
    ...{ owner: '担当', approved: '承認', expires: '期限', day: '日付', allowedBytes: '許可されたバイト数' },
    ...{
      leakedBytes: '許可外のバイト数',
      attempts: '試行',
      interface: 'インターフェイス',
      hours: '記録のある時間数',
      gaps: '途切れ',
    },
  },
  legend: {
    ...{ allowed: '許可', leaked: '許可外' },
    ...{ recorded: '記録あり', skipped: '一部のみ', missing: '記録なし' },
  },
  none: 'ありません。',
  pending: '未承認（何も許可しません）',
  more: (count, file) => `ほかに ${count} 件あります（${file}）。`,
  coverageNote: (shown, all, step) =>
    `対象のインターフェイス ${all} 件のうち、記録のない時間が多い順に ${shown} 件。1 マスは${step}です。`,
  unseen: [
    'Amazon DNS サーバー、インスタンスメタデータ、時刻同期、DHCP、Windows ライセンス認証への通信は記録されません。',
    '記録されるのはアドレス、ポート、量であり、中身ではありません。許可した宛先に何を送ったかは分かりません。',
    'DNS への問い合わせに載せて持ち出されたデータは、Resolver のクエリログでしか分かりません。',
    'AWS サービスのアドレスは、ほかの顧客も使います。誰のデータに届くかを制限できるのは、エンドポイントポリシーだけです。',
  ],
  verify:
    '証拠一式には、読み取った入力の大きさと SHA-256、実行した SQL、判定に使った許可リストが含まれます。',
};

export const WORDS: Readonly<Record<Lang, Words>> = { en: EN, ja: JA };
