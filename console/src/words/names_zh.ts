import type { components } from "../api/schema";

type Schemas = components["schemas"];

const roles: Record<Schemas["Role"], string> = {
  operator: "运营",
  writer: "话术编写",
  reviewer: "话术审核",
  compliance: "合规",
  seat: "坐席",
  auditor: "审计（只读）",
  administrator: "管理员",
};

const permissions: Record<Schemas["Permission"], string> = {
  "campaigns:read": "查看任务",
  "campaigns:run": "运行任务",
  "lists:read": "查看名单",
  "lists:import": "导入名单",
  "calls:read": "查看通话",
  "calls:hear": "收听录音",
  "scripts:read": "查看话术",
  "scripts:write": "编写话术",
  "scripts:review": "审核话术",
  "lines:read": "查看线路",
  "lines:write": "修改线路",
  "compliance:read": "查看合规",
  "refusals:write": "登记拒绝",
  "complaints:write": "登记投诉",
  "suspensions:lift": "解除停用",
  "people:read": "查找个人",
  "people:erase": "删除个人信息",
  "evidence:export": "导出证据",
  "reports:read": "查看报表",
  "users:manage": "管理用户",
};

/** How an attempt ends on the network. */
const endings: Record<Schemas["Disposition"], string> = {
  answered: "已接通",
  no_answer: "无人接听",
  busy: "占线",
  rejected: "拒接",
  powered_off: "关机",
  suspended: "停机",
  invalid_number: "空号",
  unreachable: "无法接通",
  barred: "呼入受限",
  forwarded: "呼叫转移",
  caller_arrears: "主叫欠费",
  voicemail: "语音信箱",
  call_reminder: "来电提醒",
  cancelled: "已取消",
  not_dialled: "未拨出",
  failed: "呼叫失败",
};

/** What the ledger's words are called on the screen; a word that is not here is shown as it is. */
export const names = {
  roles,
  permissions,
  purposes: { marketing: "营销", service: "服务通知", survey: "回访" },
  outcomes: { allow: "准许", wait: "以后再呼", deny: "不得呼叫" },
  kinds: { mobile: "手机", fixed: "固话", practice: "演练号码" },
  bases: { consent: "授权", existing_customer: "现有客户", request: "本人请求" },
  dispositions: { ...endings, reserved: "已预留", dialing: "正在呼叫", ended: "已结束", unknown: "结果不明" },
  endings,
  meanings: {
    refuse_hard: "明确拒绝",
    refuse_soft: "婉拒",
    busy: "正忙",
    accept: "同意",
    deny: "否认",
    ask_price: "问价格",
    ask_identity: "问是谁",
    ask_robot: "问是否机器人",
    ask_source: "问号码来源",
    ask_repeat: "请重复",
    ask_detail: "问详情",
    ask_human: "要人工",
    wrong_number: "打错了",
    third_party: "不是本人",
    assistant: "电话助手",
    vulnerable: "需要照顾的人",
    greeting: "问候",
    backchannel: "应声",
    other: "其他",
    unclear: "没听清",
  },
  refusals: { hard: "明确拒绝", soft: "婉拒", wrong_number: "打错了" },
  scopes: { purpose: "同一目的", tenant: "本企业所有外呼", platform: "全平台" },
  sources: {
    call: "通话中",
    sms: "短信",
    portal: "网页",
    letter: "信件",
    registry: "谢绝来电登记",
    complaint: "投诉",
    import: "导入",
    person: "本人",
    carrier: "运营商",
    "12321": "12321 举报中心",
    regulator: "监管部门",
  },
  categories: { nuisance: "骚扰", fraud: "疑似诈骗", after_refusal: "拒绝后仍来电", hours: "时段不当", other: "其他" },
  resources: { tenant: "整个企业", line: "线路", caller: "主叫号码", script: "话术" },
} satisfies Record<string, Record<string, string>>;

export type Names = { [Kind in keyof typeof names]: Record<keyof (typeof names)[Kind], string> };
