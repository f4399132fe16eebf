import type { Limits } from "../../api/gateway";
import { money } from "../../text/format";
import { limitsText, usedShare } from "../../text/spending";

const NEARLY = 0.8;

/** What was spent of a budget in its period. */
export function BudgetBar({ name, account }: { name: string; account: Limits & { spent_usd: number } }) {
  const used = usedShare(account);
  const spent = money(account.spent_usd);
  if (used === null || account.budget_usd === null) {
    return <span className="hint">{[`${spent} spent`, limitsText(account)].filter(Boolean).join(" · ")}</span>;
  }
  const level = used >= 1 ? "full" : used >= NEARLY ? "nearly" : "well";
  return (
    <span className="budget">
      <span
        className={`track budget-${level}`}
        role="meter"
        aria-label={`Budget of ${name}`}
        aria-valuemin={0}
        aria-valuemax={account.budget_usd}
        aria-valuenow={Math.min(account.spent_usd, account.budget_usd)}
        aria-valuetext={`${spent} of ${money(account.budget_usd)}`}
      >
        <span className="bar" style={{ left: 0, width: `${used * 100}%` }} />
      </span>
      <span className="hint">
        {spent} of {limitsText(account)}
      </span>
    </span>
  );
}
