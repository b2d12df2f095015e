/** Links and anchors of every Markdown page must lead somewhere: `npm run prose`, as part of `npm run lint`. */
export default { plugins: [["remark-validate-links", { repository: false }]] };
