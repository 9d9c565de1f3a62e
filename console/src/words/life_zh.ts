/** Words of a campaign's life. */
export const life = {
  states: { draft: "草稿", checked: "已检查", approved: "已审核", running: "执行中", paused: "已暂停", finished: "已结束" },
  pause: "暂停",
  pauseWhy: "立即停止新的呼叫，不论在哪台机器上运行；进行中的通话继续到结束。",
  resume: "恢复",
  finish: "结束任务",
  finishWhy: "任务永久结束，不再呼叫任何人；其余客户请另建任务。",
  found: "检查发现",
  held: {
    not_running: "任务没有在运行",
    not_started: "未到开始时间",
    stopped: "已过结束时间",
    daily_limit: "今日呼叫量已满",
    total_limit: "总呼叫量已满",
  },
  until: (time: string) => `到 ${time}`,
};
export type LifeWords = typeof life;
