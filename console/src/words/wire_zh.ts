/** Words of what passed on the wire. */
export const wire = {
  title: "信令",
  none: "没有留下信令（没有拨出，或在留存信令之前拨打）。",
  after: "毫秒",
  us: "善呼",
  line: "线路",
  sent: "发出",
  came: "收到",
};
