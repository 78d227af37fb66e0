/* SPDX-License-Identifier: GPL-2.0-or-later */
/* 'ktach-collector token': make a token that the page and the API ask for. */
#ifndef KTACH_COLLECTOR_LOGIN_TOKEN_H
#define KTACH_COLLECTOR_LOGIN_TOKEN_H

int token_main(int argc, char **argv);

#endif /* KTACH_COLLECTOR_LOGIN_TOKEN_H */
