/** Address of Prefect's pages for people, from that of its API; both a server's and that of Prefect Cloud. */
export function pagesUrl(apiUrl: string): string {
  const base = apiUrl.replace(/\/+$/u, '');
  const cloud = /^https:\/\/api\.(prefect\.cloud)\/api\/accounts\/([^/]+)\/workspaces\/([^/]+)$/u.exec(base);
  if (cloud !== null) {
    const [, host, account, workspace] = cloud;
    return `https://app.${host ?? ''}/account/${account ?? ''}/workspace/${workspace ?? ''}`;
  }
  return base.replace(/\/api$/u, '');
}

export function runUrl(apiUrl: string, runId: string): string {
  return `${pagesUrl(apiUrl)}/runs/flow-run/${runId}`;
}

export function deploymentUrl(apiUrl: string, deploymentId: string): string {
  return `${pagesUrl(apiUrl)}/deployments/deployment/${deploymentId}`;
}
