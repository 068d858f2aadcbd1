/* app/trap_plant.h - `postern trap plant` and `whose`: addresses for harvesters to find, and to whom one was shown. */
#ifndef APP_TRAP_PLANT_H
#define APP_TRAP_PLANT_H

#include "app/command.h"

/* paths: "plant", then visitors. */
enum exit_status trap_plant(struct options *options);
/* paths: "whose", then addresses. */
enum exit_status trap_whose(struct options *options);

#endif
