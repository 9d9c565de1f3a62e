import type { ReactNode } from "react";

/** A ground for what belongs together. (Ant Design's card brings its tabs along, 20 kB.) */
export function Card({ className = "", children }: { className?: string; children: ReactNode }): ReactNode {
  return <section className={`card ${className}`}>{children}</section>;
}
