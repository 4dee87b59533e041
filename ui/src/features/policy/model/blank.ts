/** A policy without rules: which orders it is for, and nothing else. */
export const BLANK = `policy: mine
title: {zh: 我们的策略, en: Our policy}

scope: 平台状态 = 待发货

tiers: []
`;
