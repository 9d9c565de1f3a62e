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

/** What the ledger's words are called on the screen; a word that is not here is shown as it is. */
export const names = {
  roles,
  permissions,
  purposes: { marketing: "营销", service: "服务通知", survey: "回访" },
  outcomes: { allow: "准许", wait: "以后再呼", deny: "不得呼叫" },
  kinds: { mobile: "手机", fixed: "固话", practice: "演练号码" },
  bases: { consent: "授权", existing_customer: "现有客户", request: "本人请求" },
  dispositions: {
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
    failed: "呼叫失败",
    reserved: "已预留",
    dialing: "正在呼叫",
    ended: "已结束",
    unknown: "结果不明",
  },
} satisfies Record<string, Record<string, string>>;

export type Names = { [Kind in keyof typeof names]: Record<keyof (typeof names)[Kind], string> };
