import { Button } from "antd";
import { Suspense, useEffect, useRef, type ReactNode } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";

import { api } from "../api/client";
import { becomes, type Who } from "../api/signed_in";
import { Safely } from "../parts/Safely";
import { Waiting } from "../parts/Waiting";
import { useWords } from "../words";
import { Again } from "./Again";
import type { Look } from "./look";
import { LookChoice } from "./LookChoice";
import { Missing, NotYours } from "./Missing";
import { may, PAGES, type Page } from "./pages";

/** What stands around every page: where one is, where one can go, who one is. */
export function Frame({ who, look }: { who: Who; look: Look }): ReactNode {
  const words = useWords();
  const [path, go] = useLocation();
  const content = useRef<HTMLElement>(null);
  const menu = useRef<HTMLElement>(null);
  useEffect(() => {
    // On a telephone the menu is wider than the window.
    menu.current?.querySelector("[aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }, [path]);
  const mine = PAGES.filter((page) => may(who, page));
  const leave = async (): Promise<void> => {
    await api.DELETE("/api/v1/session");
    becomes(null);
    go("/");
  };
  return (
    <div className="frame">
      <a
        className="skip"
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          content.current?.focus();
        }}
      >
        {words.skip}
      </a>
      <header className="top">
        <Link href="/" className="brand">
          <img src="/mark.svg" alt="" width={28} height={28} />
          <span>{words.app.title}</span>
        </Link>
        <span className="who">
          {who.name}
          <small>{who.tenant}</small>
        </span>
        <LookChoice look={look} />
        <Button type="text" onClick={leave}>
          {words.signIn.out}
        </Button>
      </header>
      <nav className="menu" ref={menu} aria-label={words.menu.label}>
        {mine.map((page) => (
          <Link key={page.path} href={page.path} aria-current={isAt(path, page) ? "page" : undefined}>
            {words.menu[page.word]}
          </Link>
        ))}
      </nav>
      <main className="content" id="content" ref={content} tabIndex={-1}>
        <Safely key={path}>
          <Suspense fallback={<Waiting />}>
            <Switch>
              {PAGES.flatMap((page) =>
                [page.path, page.inner].map(
                  (address) =>
                    address !== undefined && (
                      <Route key={address} path={address}>
                        {may(who, page) ? <page.shows who={who} /> : <Elsewhere at={page} mine={mine} />}
                      </Route>
                    ),
                ),
              )}
              <Route path="/sign-in">
                <Redirect to="/" replace />
              </Route>
              <Route>
                <Missing />
              </Route>
            </Switch>
          </Suspense>
        </Safely>
      </main>
      <Again who={who} />
    </div>
  );
}

/** Who has no Today begins with the first page of their own. */
function Elsewhere({ at, mine }: { at: Page; mine: readonly Page[] }): ReactNode {
  const first = mine[0];
  return at.path === "/" && first !== undefined ? <Redirect to={first.path} replace /> : <NotYours />;
}

function isAt(path: string, page: Page): boolean {
  return page.path === "/" ? path === "/" : path === page.path || path.startsWith(`${page.path}/`);
}
