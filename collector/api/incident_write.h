/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An incident in the forms in which the API has it. */
#ifndef KTACH_COLLECTOR_API_INCIDENT_WRITE_H
#define KTACH_COLLECTOR_API_INCIDENT_WRITE_H

#include "collector/base/document.h"
#include "collector/incidents/decode.h"
#include "collector/incidents/incidents.h"

/* What it is about: members of an object. */
void incident_write_entry(struct document *w, const struct incidents_entry *e);

/* All of it, by milliseconds from its trigger. */
void incident_write_json(struct document *w, const struct incidents_entry *e,
			 const struct decoded *d);

/* A line a value: time in seconds since 1970, series, row, value. */
void incident_write_csv(struct document *w, const struct decoded *d);

/* As 'ktach replay' plays it (ktach/record/record_file.h). */
void incident_write_recording(struct document *w,
			      const struct incidents_entry *e,
			      const struct decoded *d);

/* --- what forms share --------------------------------------------------------- */

/* The growth of a column from one sample to the next a second; NAN: not known. */
double incident_rate(const struct decoded_samples *before,
		     const struct decoded_samples *now, uint64_t key,
		     uint32_t column);

/**
 * struct incident_share - a share of a CPU's time
 * @name: as the API has it
 * @columns: that are added up, 0 behind the last
 * @rest: it is what they leave of all
 */
struct incident_share {
	const char *name;
	uint32_t columns[3];
	bool rest;
};

/* Ends with a NULL name. */
extern const struct incident_share incident_shares[];

double incident_share(const struct decoded_samples *before,
		      const struct decoded_samples *now, uint64_t key,
		      const struct incident_share *share);

/* "HI", "TIMER", ...: WIRE_SOFTIRQ_VECTORS of them. */
extern const char *const incident_vectors[];

/* Pressures: names, and their counters of time; a NULL name ends them. */
struct incident_pressure {
	const char *name;
	uint64_t key;
};
extern const struct incident_pressure incident_pressures[];

/* Keys of all rows of a kind, in order; to be freed. */
uint64_t *incident_keys(const struct decoded *d, uint32_t kind, size_t *count);

#endif /* KTACH_COLLECTOR_API_INCIDENT_WRITE_H */
