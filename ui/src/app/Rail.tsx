import { Popover } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { NavLink, useLocation } from "react-router";
import { type PageGroup, pagesFor } from "./pages";
import "./rail.css";
import { useRight } from "./session";

const under = (path: string, to: string) => path === to || path.startsWith(`${to}/`);

/** A group of pages: one entry of the rail, which opens beside it. */
function Group({ group }: { group: PageGroup }) {
  const { t } = useTranslation();
  const { pathname } = useLocation();
  const [open, setOpen] = useState(false);
  const here = group.pages.some((page) => under(pathname, page.to));
  const list = (
    <ul className="qd-rail-menu">
      {group.pages.map((page) => (
        <li key={page.key}>
          <NavLink to={page.to} end={page.key === "sops"} onClick={() => setOpen(false)}>
            {t(`nav.${page.key}`)}
          </NavLink>
        </li>
      ))}
    </ul>
  );
  return (
    <Popover content={list} trigger="click" placement="rightTop" open={open} onOpenChange={setOpen}>
      <button
        type="button"
        className={here ? "qd-rail-page active" : "qd-rail-page"}
        data-group={group.key}
        aria-haspopup="menu"
        aria-expanded={open}
      >
        {group.icon}
        <span>{t(`navGroup.${group.key}`)}</span>
      </button>
    </Popover>
  );
}

/** Way to every page that the person may see, grouped by what is done there. */
export function RailPages() {
  const { t } = useTranslation();
  const right = useRight();
  const { pathname } = useLocation();
  return pagesFor(right).map((group) => {
    const [page] = group.pages;
    if (group.pages.length > 1 || !page) return <Group group={group} key={group.key} />;
    // the settings of cases belong to the team
    const active = under(pathname, page.to) && !(page.key === "cases" && under(pathname, "/cases/sops"));
    return (
      <NavLink
        key={group.key}
        to={page.to}
        aria-current={active ? "page" : undefined}
        className={() => (active ? "qd-rail-page active" : "qd-rail-page")}
      >
        {group.icon}
        <span>{t(`nav.${page.key}`)}</span>
      </NavLink>
    );
  });
}
