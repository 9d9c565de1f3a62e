/** Signing in at the company's provider. */
export const elsewhere = {
  or: "或",
  go: (name: string) => `使用 ${name} 登录`,
  entering: "正在登录…",
  failed: "没有登录成功",
  again: "回到登录页",
  linked: "可登录（单点登录）",
};
