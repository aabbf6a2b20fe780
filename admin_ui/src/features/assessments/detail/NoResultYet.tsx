// What the tabs say that need a score, while there is none.
import type { AssessmentDetail } from "@/api/report";
import { Empty } from "@/ui/states";
import { ScoringNote } from "./ScoringNote";

export function NoResultYet({ assessment, what }: { assessment: AssessmentDetail; what: string }) {
  if (assessment.scoring_state) return <ScoringNote assessment={assessment} />;
  return <Empty title={`No ${what} yet`}>They are made once the work is submitted.</Empty>;
}
