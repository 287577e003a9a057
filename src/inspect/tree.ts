/** A line of the tree, and those under it. */
export interface TreeNode {
  readonly label: string;
  readonly value?: string;
  readonly children?: readonly TreeNode[];
}

/** The tree as indented lines. */
export function treeLines(node: TreeNode, depth = 0): string[] {
  const { label, value, children = [] } = node;
  const head = `${"  ".repeat(depth)}${label}${value === undefined ? "" : `: ${value}`}`;
  return [head, ...children.flatMap((child) => treeLines(child, depth + 1))];
}
