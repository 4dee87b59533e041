import { HolderOutlined } from "@ant-design/icons";
import {
  closestCenter,
  DndContext,
  type DragEndEvent,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
} from "@dnd-kit/core";
import {
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
  verticalListSortingStrategy,
} from "@dnd-kit/sortable";
import { CSS } from "@dnd-kit/utilities";
import type { CSSProperties, ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  ids: readonly string[];
  onMove: (from: number, to: number) => void;
  children: ReactNode;
}

/** A list whose items are put in order by dragging, or by Space and the arrow keys on their handles. */
export function SortableList({ ids, onMove, children }: Props) {
  const { t } = useTranslation();
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: 4 } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const place = (id: string | number) => ids.indexOf(String(id)) + 1;
  const end = ({ active, over }: DragEndEvent) => {
    if (over && active.id !== over.id) onMove(place(active.id) - 1, place(over.id) - 1);
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      onDragEnd={end}
      accessibility={{
        screenReaderInstructions: { draggable: t("studio.drag.how") },
        announcements: {
          onDragStart: ({ active }) => t("studio.drag.start", { at: place(active.id) }),
          onDragOver: ({ over }) => (over ? t("studio.drag.over", { at: place(over.id) }) : undefined),
          onDragEnd: ({ over }) => (over ? t("studio.drag.end", { at: place(over.id) }) : undefined),
          onDragCancel: () => t("studio.drag.cancel"),
        },
      }}
    >
      <SortableContext items={[...ids]} strategy={verticalListSortingStrategy}>
        {children}
      </SortableContext>
    </DndContext>
  );
}

export interface Sorted {
  ref: (node: HTMLElement | null) => void;
  style: CSSProperties;
  handle: ReactNode;
  dragging: boolean;
}

/** What an item of a sortable list puts on itself, and its handle. */
export function useSorted(id: string, label: string, disabled: boolean): Sorted {
  const { setNodeRef, setActivatorNodeRef, attributes, listeners, transform, transition, isDragging } =
    useSortable({ id, disabled });
  return {
    ref: setNodeRef,
    style: { transform: CSS.Translate.toString(transform), transition },
    dragging: isDragging,
    handle: disabled ? null : (
      <button
        type="button"
        ref={setActivatorNodeRef}
        className="qd-handle"
        {...attributes}
        {...listeners}
        aria-label={label}
        title={label}
      >
        <HolderOutlined aria-hidden />
      </button>
    ),
  };
}
