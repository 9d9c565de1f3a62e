import type { corrections as Zh } from "./corrections_zh";

export const corrections: typeof Zh = {
  correct: "Correct",
  correctTurn: (said: string) => `Correct “${said}”`,
  turnTitle: "What did this mean?",
  turnWhy: "What was heard and understood stays as it is; your correction stands beside it and helps to understand better.",
  said: "The person said",
  meaning: "It meant",
  refuses: "“Refuses for good” and “Wrong number” are recorded as a refusal at once, and the person is not called again. No correction lifts a refusal.",
  heard: "What was really said",
  heardHint: "Only if it was heard wrong; kept sealed",
  correctGrade: "Correct the grade",
  gradeTitle: "Which grade was due?",
  gradeWhy: "The grade that was given stays as it is; your correction stands beside it.",
  grade: "Grade",
  reasonHint: "Kept sealed; shown with your name and the time",
  meant: (meaning: string) => `Corrected: ${meaning}`,
  really: (words: string) => `Really said: “${words}”`,
  due: (grade: string) => `Corrected to ${grade}`,
  by: (name: string, when: string) => `${name}, ${when}`,
  earlier: (count: number) => (count === 1 ? "1 earlier correction" : `${count} earlier corrections`),
  quoted: (words: string) => `“${words}”`,
};
