/** What the shop and the warehouse ask of the carrier. */

/** Books a label; `parcel` is `{ reference, postcode, weight }`, its weight in grams. Answers with the label's number. */
export async function bookLabel(client, parcel) {
  const booked = await client.request("POST", "/labels", parcel);
  return booked?.label;
}

/** Where a parcel is. */
export async function track(client, parcelId) {
  const parcel = await client.request("GET", `/parcels/${encodeURIComponent(parcelId)}`);
  return parcel?.state;
}
