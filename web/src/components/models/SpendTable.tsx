import type { Spend, Spent } from "../../api/gateway";
import { money, plural } from "../../text/format";

/** Sums of the ledger, the most expensive first; days in their order. */
export function SpendTable({ spend }: { spend: Spend }) {
  const { rows, total, by } = spend;
  const most = Math.max(...rows.map(({ cost_usd }) => cost_usd), 0);
  if (rows.length === 0) return <p className="hint">Nothing was asked in this time.</p>;
  return (
    <>
      <table className="requests spend-table">
        <thead>
          <tr>
            <th scope="col">{by}</th>
            <th scope="col" className="number">
              Requests
            </th>
            <th scope="col" className="number roomy">
              Tokens in
            </th>
            <th scope="col" className="number roomy">
              Tokens out
            </th>
            <th scope="col" className="number">
              Cost
            </th>
            <th scope="col" className="roomy">
              <span className="sr-only">Share</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <SpendRow key={row.name} row={row} most={most} />
          ))}
        </tbody>
        <tfoot>
          <SpendRow row={{ ...total, name: "Total" }} most={0} />
        </tfoot>
      </table>
      {total.estimated_usd > 0 && (
        <p className="hint">{money(total.estimated_usd)} of it is estimated: the providers sent no counts.</p>
      )}
      {total.unpriced > 0 && (
        <p className="hint">{plural(total.unpriced, "call")} not in it: no price is known for their models.</p>
      )}
    </>
  );
}

function SpendRow({ row, most }: { row: Spent; most: number }) {
  return (
    <tr>
      <th scope="row" dir="auto">
        {row.name}
      </th>
      <td className="number">{row.requests.toLocaleString("en")}</td>
      <td className="number roomy">{row.input_tokens.toLocaleString("en")}</td>
      <td className="number roomy">{row.output_tokens.toLocaleString("en")}</td>
      <td className="number">{money(row.cost_usd)}</td>
      <td className="roomy share" aria-hidden="true">
        {most > 0 && (
          <span className="track">
            <span className="bar" style={{ left: 0, width: `${(row.cost_usd / most) * 100}%` }} />
          </span>
        )}
      </td>
    </tr>
  );
}
