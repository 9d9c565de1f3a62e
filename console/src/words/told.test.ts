import { expect, it } from "vitest";

import { half } from "./told";

it.each([
  ["name or password is wrong 用户名或密码不正确", "name or password is wrong", "用户名或密码不正确"],
  ["campaign 春季回访 runs already 任务正在运行", "campaign 春季回访 runs already", "任务正在运行"],
  ["wang may read general data; ask for less. wang 只能查看 general 级信息", "wang may read general data; ask for less.", "wang 只能查看 general 级信息"],
  ["nothing but English", "nothing but English", "nothing but English"],
  ["只有中文", "只有中文", "只有中文"],
  ["表.xlsx: 文件是空的 is empty; 第一行应为列名 the first line names the columns", "表.xlsx: is empty; the first line names the columns", "表.xlsx: 文件是空的; 第一行应为列名"],
  ["it is a short code 是短号码,不属于个人; give a full number 填写完整的号码", "it is a short code; give a full number", "是短号码,不属于个人; 填写完整的号码"],
  ["no run of it goes on; start one 任务没有在运行", "no run of it goes on; start one", "任务没有在运行"],
])("%s", (told, en, zh) => {
  expect([half(told, "en"), half(told, "zh")]).toEqual([en, zh]);
});
